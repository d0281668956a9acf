// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace stayd {

// Turns the answers of self.sock into plain lines that a model can quote. Events and holds are as
// docs/reference/http-api.md describes them, of this version or another; whatever their texts are,
// the lines are printable ASCII.

// Two lines, each with a newline: what happened, by which rule, who and why; and what to do, and
// whether trying again is of use.
//
//   stayd: denied: exec git push --force, by the policy; rule: exec.deny: git push*; at 2026-…
//     what to do: the policy never allows this; do it another way (try again: never)
std::string self_event_text(const nlohmann::json& event);

// True if it says of an open ticket that it waits or lingers: true only until a later event of the
// same ticket says otherwise.
bool is_pending(const nlohmann::json& event);

// Those of the events, in their order, that are news to whoever was refused: what was denied, what
// is approved and can be tried again, and what waits or lingers still.
std::vector<nlohmann::json> news_of(const nlohmann::json& events);

// The text of at most the last `most` of them, and how many are left out.
std::string news_text(const std::vector<nlohmann::json>& news, std::size_t most);

}  // namespace stayd
