// SPDX-License-Identifier: Apache-2.0
#include "approval/denials.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxDetail = 2048;

struct Advice {
  std::string_view reason;
  const char* text;
  Retry retry;
};
constexpr Advice kAdvice[] = {
    {"denied", "do not try again; do it another way, or ask why", Retry::never},
    {"approved", "approved now, try again", Retry::now},
    {"expired", "nobody answered in time; it may be tried again later", Retry::now},
    {"no_approver", "nobody could be asked; tell whoever runs this host", Retry::never},
    {"superseded", "it changed while it waited; try again if it is still wanted", Retry::now},
    {"cancelled", "nobody waited for the answer any more; try again if it is still wanted",
     Retry::now},
    {"flooding", "too many questions are open; wait for answers, ask for less",
     Retry::after_approval},
    {"too many holds", "too much waits at once; try again later", Retry::now},
    {"unjudged", "stayd could not tell what it was; it may be tried again", Retry::now},
    {"policy", "the policy never allows this; do it another way", Retry::never},
    {"cannot_wait", "it was refused and is asked about; try again once approved",
     Retry::after_approval},
};

}  // namespace

const char* to_string(Retry retry) {
  switch (retry) {
    case Retry::never:
      return "never";
    case Retry::after_approval:
      return "after-approval";
    case Retry::now:
      return "now";
  }
  return "never";
}

nlohmann::json to_json(const Denial& denial) {
  return {{"time", rfc3339(denial.time)},    {"process", denial.process},
          {"operation", denial.operation},   {"object", escape(denial.object)},
          {"reason", denial.reason},         {"detail", escape(denial.detail, kMaxDetail)},
          {"by", escape(denial.by)},         {"advice", denial.advice},
          {"retry", to_string(denial.retry)}};
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
  const auto advice = std::ranges::find(kAdvice, denial.reason, &Advice::reason);
  if (advice != std::end(kAdvice)) {
    denial.advice = advice->text;
    denial.retry = advice->retry;
  }
  if (denial.reason == "policy")
    denial.advice = "the policy never allows this, by the rule " +
                    escape(denial.detail, kMaxDetail) + "; do it another way";
  return denial;
}

Denial denial_of(const Ticket& ticket) {
  const Decision* decision = final_decision(ticket);
  Denial denial = denial_of(ticket.operation, to_string(ticket.outcome),
                            decision != nullptr ? decision->reason : ticket.rule);
  denial.time = ticket.closed.value_or(ticket.deadline);
  if (decision == nullptr) return denial;
  denial.by = decision->name;
  if (ticket.outcome == Outcome::approved && decision->scope == Scope::once)
    denial.advice += "; it goes through until " + rfc3339(next_attempt_until(ticket, denial.time));
  return denial;
}

Denial denial_of(const Operation& operation, const Refusal& refusal) {
  Denial denial = denial_of(operation, "denied", refusal.reason);
  denial.by = refusal.by;
  denial.advice += "; it is refused at once until " + rfc3339(refusal.until);
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
