// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace stayd::teams {

// A card that was posted, or is about to be. What a click on it must fit.
struct PostedCard {
  std::string conversation{};  // where it is, with its thread
  std::string service_url{};   // that the conversation is reached by
  std::string activity{};      // its id; empty: not known
  std::string nonce{};         // that its buttons carry; random, and nobody else's
  std::string digest{};        // of the ticket that it shows
  std::string shown{};         // digest of what it was last made to show
  bool begun = false;          // it may have been posted, though the id is not known
  bool over = false;           // it has been told the end
};

// A place for cards: "user/OBJECT", a person of the tenant, or "channel/ID".
using Place = std::string;

}  // namespace stayd::teams
