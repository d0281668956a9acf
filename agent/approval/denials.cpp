// SPDX-License-Identifier: Apache-2.0
#include "approval/denials.h"

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"

namespace stayd {
namespace {

std::string advice_for(const std::string& reason) {
  if (reason == "denied") return "do not try again; do it another way, or ask why";
  if (reason == "expired") return "nobody answered in time; it may be tried again later";
  if (reason == "no_approver") return "nobody could be asked; tell whoever runs this host";
  if (reason == "superseded") return "it changed while it waited; try again if it is still wanted";
  if (reason == "flooding") return "too many questions are open; wait for answers, ask for less";
  if (reason == "too many holds") return "too much waits at once; try again later";
  if (reason == "unjudged") return "stayd could not tell what it was; it may be tried again";
  if (reason == "policy") return "the policy never allows this; do it another way";
  if (reason == "cannot_wait") return "it was refused and is asked about; try again once approved";
  return "";
}

}  // namespace

nlohmann::json to_json(const Denial& denial) {
  nlohmann::json result = {{"time", rfc3339(denial.time)},
                           {"process", denial.process},
                           {"operation", denial.operation},
                           {"object", escape(denial.object)},
                           {"reason", denial.reason},
                           {"detail", escape(denial.detail, 2048)},
                           {"by", escape(denial.by)},
                           {"advice", denial.advice}};
  if (denial.exit_status != 0) result["exit_status"] = denial.exit_status;
  return result;
}

Denial denial_of(const Operation& operation, std::string reason, std::string detail) {
  Denial denial{.time = operation.time,
                .process = operation.caller.pid,
                .operation = to_string(operation.kind),
                .object = object_text(operation),
                .reason = std::move(reason),
                .detail = std::move(detail),
                .by = {},
                .advice = {}};
  denial.advice = advice_for(denial.reason);
  return denial;
}

Denial denial_of(const Ticket& ticket) {
  const Decision* decision = final_decision(ticket);
  Denial denial = denial_of(ticket.operation, to_string(ticket.outcome),
                            decision != nullptr ? decision->reason : ticket.rule);
  denial.time = ticket.closed.value_or(ticket.deadline);
  if (ticket.operation.in_place) denial.exit_status = kDeniedInPlace;
  if (decision != nullptr) denial.by = decision->name;
  return denial;
}

void Denials::add(WorkloadId workload, Denial denial) {
  std::deque<Denial>& denials = by_workload_[workload];
  denials.push_back(std::move(denial));
  if (denials.size() > kMax) denials.pop_front();
}

const std::deque<Denial>& Denials::of(WorkloadId workload) const {
  static const std::deque<Denial> kNone;
  const auto found = by_workload_.find(workload);
  return found == by_workload_.end() ? kNone : found->second;
}

}  // namespace stayd
