// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/time.h"
#include "presentation/ticket_facts.h"

// Tickets as text for people. `ticket` is JSON as in tickets/ticket_json.h; whatever it
// holds, the text holds only printable ASCII, newlines and, with `colour`, our own escape
// sequences. `now_ms` is Unix time. Widths are bounded to 40 … 400 columns.
namespace stayd::terminal {

// A brief card leaves out what only somebody who looks closer needs, and what its title says
// already. It has at most kMaxBriefLines lines, so that a screen of 24 has room for a prompt; where
// that is not enough, details are left out, and it says how many.
enum class Detail : std::uint8_t { brief, full };
inline constexpr std::size_t kMaxBriefLines = 22;

// The ticket: the details first, then what is needed for an answer, and the question last.
std::string ticket_card(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour,
                        Detail detail = Detail::full);

// One row of a list, and the row above the first; both end in a newline.
std::string ticket_line(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour);
std::string ticket_line_header(int width, bool colour);

inline TimePoint time_of(std::int64_t now_ms) {
  return TimePoint(std::chrono::milliseconds(now_ms));
}

// The same for a screen that is drawn again and again: no newlines, at most `room` lines, and a row
// as wide as the screen.
std::vector<std::string> card_lines(const TicketFacts& ticket, TimePoint now, int width,
                                    bool colour, Detail detail, std::size_t room);
std::string row(const TicketFacts& ticket, TimePoint now, int width, bool colour, bool selected);
std::string row_header(int width, bool colour);

}  // namespace stayd::terminal
