// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tickets/object_key.h"
#include "tickets/ticket.h"

namespace stayd {

// A person's "no" that nobody waited for: whoever asked will try again, and is refused then.
struct Refusal {
  TicketId ticket = 0;
  std::string by;  // name of the person, to show
  std::string reason;
  TimePoint until{};  // the ticket's deadline
};

// The refusals that hold, by what was refused. Pure, like the desk, which owns it. Bounded: beyond
// kMax the one that ends first makes room, and what it was about is asked about again.
class Refusals {
 public:
  static constexpr std::size_t kMax = 4096;

  // Of a ticket that was denied while nobody waited; nothing of any other.
  void add(const Ticket& denied);
  // nullptr: nobody has said no to this, or its time is over. Valid until the next change.
  const Refusal* find(const Operation& operation, TimePoint now) const;
  void forget(WorkloadId workload);

 private:
  std::map<ObjectKey, Refusal> by_object_;
  std::set<std::pair<TimePoint, ObjectKey>> ends_;
};

}  // namespace stayd
