// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

// Answer one held thread. Each hold is released at most once.
struct Release {
  HoldId hold = 0;
  HoldAnswer answer = HoldAnswer::deny;
  TimePoint valid_until{};  // of `allow`: a thread that comes back later is denied
  TicketId ticket = 0;      // 0: the hold never got one
};

// Let later identical operations through, or no longer.
struct Granted {
  Grant grant;
};
struct GrantEnded {
  Grant grant;  // `end` says why
  PersonId by;  // of a revocation
};
// It has let something through, and can do so less often now. Not of those of the kernel side.
struct GrantUsed {
  Grant grant;
};

// A ticket was opened, joined, left or closed: see Desk::find().
struct Changed {
  TicketId ticket = 0;
  HoldEnd left = HoldEnd::caller_gone;  // if a hold of it ended: why
};

// Operations are being denied without a ticket: said once until there is room again.
struct Refused {
  HoldId hold = 0;  // the first one; 0 if it could not wait
  WorkloadId workload{};
  std::string reason{};  // "flooding", "too many holds"
};

// One operation was denied without a ticket: said each time, for the workload itself.
struct DeniedUnasked {
  enum class Why : std::uint8_t { flooding, too_many_holds };
  Why why = Why::flooding;
  WorkloadId workload{};
  OperationKind kind = OperationKind::open;
  std::int32_t process = 0;
  std::string object{};  // the workload's bytes
};

// To be carried out in order: what is to be recorded comes before what lets go.
using Effect =
    std::variant<Changed, Refused, DeniedUnasked, Granted, GrantEnded, GrantUsed, Release>;
using Effects = std::vector<Effect>;

}  // namespace stayd
