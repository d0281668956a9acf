// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "channels/channel.h"

namespace stayd {

// Answers a channel's requests to the desk, on the desk's thread and at once. Pointers are valid
// until the next call that is not const.
class TicketApi {
 public:
  virtual ~TicketApi() = default;

  // Decides, durably; the ticket as it is then. The error is for the person who answered, in
  // words of its own for each reason, and names the ticket.
  virtual Result<const Ticket*> answer(Answer answer, TimePoint now) = 0;

  virtual const Ticket* find(TicketId id) const = 0;  // open or recently closed; nullptr: neither
  virtual std::vector<const Ticket*> open_tickets() const = 0;  // oldest first
  virtual const People& people() const = 0;
};

}  // namespace stayd
