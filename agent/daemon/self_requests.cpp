// SPDX-License-Identifier: Apache-2.0
// What a workload asks for in advance.
#include <utility>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"
#include "daemon/self_answers.h"

namespace stayd {
namespace {

using nlohmann::json;

// The members that every answer has; what is not said is null.
json answer(const char* state, Retry retry) {
  return {{"request", nullptr}, {"state", state},    {"operation", nullptr},
          {"object", nullptr},  {"rule", nullptr},   {"until", nullptr},
          {"by", nullptr},      {"detail", nullptr}, {"retry", to_string(retry)}};
}

json about(const Operation& operation, const char* state, Retry retry) {
  json result = answer(state, retry);
  result["operation"] = to_string(operation.kind);
  result["object"] = escape(object_text(operation));
  return result;
}

void take_caller(Operation& operation, const Peer& peer, TimePoint now) {
  operation.time = now;
  operation.caller.pid = operation.caller.thread = peer.pid;
  operation.caller.start_ns = peer.process_start_ns;
  operation.caller.uid = peer.uid;
  operation.caller.gid = peer.gid;
  operation.caller.login_uid = peer.login_uid;
}

}  // namespace

void SelfAnswers::ask_ahead(WorkloadId workload, const Peer& peer, AheadRequest request,
                            std::shared_ptr<AheadReply> reply) {
  auto done = [this, peer, reason = std::move(request.reason),
               reply = std::move(reply)](Result<Foreseen> foreseen) {
    if (reply->given_up) return;
    if (foreseen) {
      reply->body = answer_ahead(std::move(*foreseen), peer, reason);
    } else {
      reply->body = answer("not-bound", Retry::now);
      (*reply->body)["detail"] = foreseen.error().message;
    }
    callbacks_.replied();
  };
  gate_.foresee(workload, peer.process(), peer.uid, peer.gid, std::move(request.wanted),
                std::move(done));
}

json SelfAnswers::answer_ahead(Foreseen foreseen, const Peer& peer, const std::string& reason) {
  Operation& operation = foreseen.operation;
  take_caller(operation, peer, callbacks_.clock());
  const WorkloadPtr workload = gate_.workload(operation.workload);
  if (!workload) return answer("not-bound", Retry::never);
  const std::string rule = escape(rule_words(*workload, operation).text);
  if (foreseen.verdict < Verdict::hold) {
    json result = about(operation, "not-needed", Retry::now);
    result["rule"] = rule;
    return result;
  }
  if (foreseen.verdict == Verdict::deny) {
    json result = about(operation, "denied", Retry::never);
    result["rule"] = rule;
    return result;
  }
  const Surroundings around =
      contexts_.surroundings(operation, *workload, approvals_.has_directories(operation.workload));
  if (const std::vector<Grant> grants = approvals_.grants_for(operation, around); !grants.empty()) {
    json result = about(operation, "not-needed", Retry::now);
    result["detail"] = "grant " + std::to_string(grants.back().id) + " lets it through";
    if (grants.back().expires) result["until"] = rfc3339(*grants.back().expires);
    return result;
  }
  if (const Refusal* refusal = approvals_.refusal_of(operation)) {
    json result = about(operation, "denied", Retry::never);
    result["request"] = refusal->ticket;
    result["by"] = escape(refusal->by);
    result["detail"] = escape(refusal->reason, 2048);
    result["until"] = rfc3339(refusal->until);
    return result;
  }
  callbacks_.describe_caller(operation.caller);
  if (operation.caller.cgroup.empty()) operation.caller.cgroup = workload->cgroup;
  const TimePoint now = operation.time;
  TicketContext context = contexts_.prepare(operation, *workload, approvals_.people(), now);
  context.stated_reason = reason;
  json full = about(operation, "too-many", Retry::after_approval);
  const Result<TicketId> ticket =
      approvals_.ask_ahead(std::move(operation), std::move(context), now);
  if (ticket) return state_of(*approvals_.find(*ticket));
  full["detail"] = ticket.error().message;
  return full;
}

json SelfAnswers::state_of(const Ticket& ticket) {
  json result = about(ticket.operation, to_string(ticket.outcome), Retry::after_approval);
  result["request"] = ticket.id;
  result["rule"] = escape(ticket.rule);
  if (ticket.outcome == Outcome::open) {
    result["until"] = rfc3339(answerable_until(ticket));
    return result;
  }
  result["retry"] = to_string(ended_event(ticket, {}, HoldEnd::caller_gone).retry);
  if (const Decision* decision = final_decision(ticket)) {
    result["by"] = escape(decision->name);
    result["detail"] = escape(decision->reason, 2048);
  }
  if (ticket.outcome != Outcome::approved) return result;
  const std::vector<Grant> grants = approvals_.grants_of(ticket.id);
  if (grants.empty()) {
    result["detail"] = "it has been used, or was not in time; ask again";
    result["retry"] = to_string(Retry::after_approval);
  } else if (grants.back().expires) {
    result["until"] = rfc3339(*grants.back().expires);
  }
  return result;
}

std::optional<json> SelfAnswers::request(WorkloadId workload, TicketId number) {
  const Ticket* ticket = approvals_.find(number);
  if (ticket == nullptr || ticket->flood || ticket->operation.workload != workload)
    return std::nullopt;
  return state_of(*ticket);
}

}  // namespace stayd
