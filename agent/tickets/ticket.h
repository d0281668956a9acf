// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "context/operation.h"

namespace stayd {

using TicketId = std::uint64_t;

// How a ticket ended. `open` is the only state that is not an outcome.
enum class Outcome : std::uint8_t {
  open,
  approved,
  denied,
  expired,      // the time was up: nobody said no
  no_approver,  // nobody could have answered
  cancelled,    // the callers went away
  superseded,   // the object changed
};
const char* to_string(Outcome outcome);

enum class Choice : std::uint8_t { approve, deny };

// One person's answer to one ticket, as it was shown to them.
struct Decision {
  TicketId ticket = 0;
  std::string digest;  // of the ticket as shown; must match
  Choice choice = Choice::deny;
  // Approve: also leave a grant for this long; zero: this operation once.
  std::chrono::seconds grant_for{0};
  std::string reason;   // may be empty for approve
  std::string person;   // "alice (uid 1000)", from peer credentials
  std::string login{};  // "alice"; empty if the uid has no name
  std::string channel;  // "terminal"
};

// The question put to people. What is shown (everything down to `opened`) never changes
// while it waits, so that a digest of it can bind a decision.
struct Ticket {
  TicketId id = 0;
  Operation operation;   // of the first hold; later identical ones join
  std::string workload;  // cgroup path of the workload
  std::string policy;    // name of the policy
  std::string rule;      // the rule that held it, in words
  TimePoint opened;
  TimePoint deadline;
  std::string digest;  // hex SHA-256 of what is shown

  std::vector<HoldId> holds;  // waiting now; empty for "cannot wait"
  std::uint64_t joined = 1;   // attempts so far, the first included
  Outcome outcome = Outcome::open;
  std::optional<TimePoint> closed;
  std::optional<Decision> decision;  // approved and denied only
};

}  // namespace stayd
