// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tickets/ticket.h"

namespace stayd {

// Something that a workload was refused, in words that it may read.
struct Denial {
  TimePoint time{};
  std::int32_t process = 0;
  std::string operation;  // "open", …
  std::string object;     // path or endpoint, as the host knows it; the workload's bytes
  std::string reason;     // "denied", "expired", "no_approver", "policy", "flooding", …
  std::string detail;     // the rule, or the person's reason
  std::string by;         // who denied it, to show; empty: nobody
  std::string advice;     // what to do instead
  int exit_status = 0;    // what a program that waited in place ended with; 0: the call failed
};

// {time, process, operation, object, reason, detail, by, advice, exit_status unless it is 0};
// strings escaped.
nlohmann::json to_json(const Denial& denial);

Denial denial_of(const Operation& operation, std::string reason, std::string detail);
// The denial that a ticket which ended without approval amounts to.
Denial denial_of(const Ticket& ticket);

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
