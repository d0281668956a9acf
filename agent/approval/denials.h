// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tickets/refusals.h"
#include "tickets/ticket.h"

namespace stayd {

// Says whether it is of use to try again.
enum class Retry : std::uint8_t {
  never,           // it will be refused again
  after_approval,  // once somebody who is asked has approved it
  now,             // it has been approved, or is judged anew
};
const char* to_string(Retry retry);  // "never", "after-approval", "now"

// Something that a workload was refused, or that was approved too late for it, in words that it may
// read.
struct Denial {
  TimePoint time{};
  std::int32_t process = 0;
  std::string operation;  // "open", …
  std::string object;     // path or endpoint, as the host knows it; the workload's bytes
  std::string reason;     // "denied", "approved", "expired", "no_approver", "policy", …
  std::string detail;     // the rule that matched, by name, or the person's reason
  std::string by;         // who denied it, to show; empty: nobody
  std::string advice;     // what to do instead
  Retry retry = Retry::never;
};

// {time, process, operation, object, reason, detail, by, advice, retry}; strings escaped.
nlohmann::json to_json(const Denial& denial);

Denial denial_of(const Operation& operation, std::string reason, std::string detail);
// Tells whoever asked how a ticket has ended: that the operation was refused, or that it has been
// approved and goes through now, if nobody waited for the approval.
Denial denial_of(const Ticket& ticket);
// Tells that the operation was refused because somebody has denied it before.
Denial denial_of(const Operation& operation, const Refusal& refusal);

// The latest of each workload. Nothing in it is secret to the workload.
class Denials {
 public:
  static constexpr std::size_t kMax = 128;

  void add(WorkloadId workload, Denial denial);
  const std::deque<Denial>& of(WorkloadId workload) const;  // oldest first
  void forget(WorkloadId workload) { by_workload_.erase(workload); }

 private:
  std::map<WorkloadId, std::deque<Denial>> by_workload_;
};

}  // namespace stayd
