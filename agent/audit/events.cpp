// SPDX-License-Identifier: Apache-2.0
#include "audit/events.h"

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_json.h"
#include "tickets/ticket_json.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

json event(const char* name, TimePoint time) { return {{"event", name}, {"time", rfc3339(time)}}; }

json workload_id(const WorkloadId& workload) {
  return {{"slot", workload.slot}, {"generation", workload.generation}};
}

json decision_event(const char* name, const Decision& decision, std::string_view workload,
                    TimePoint time) {
  json line = event(name, time);
  line["ticket"] = decision.ticket;
  line["workload"] = escape(workload);
  line["digest"] = escape(decision.digest);
  line["decision"] = to_json(decision);
  return line;
}

}  // namespace

json operation(const Operation& operation, std::string_view rule, RuleClass rule_class) {
  json line = event("operation", operation.time);
  line["operation"] = to_json(operation, kUnbounded);
  line["rule"] = escape(rule);
  if (rule_class != RuleClass::none) line["class"] = to_string(rule_class);
  return line;
}

json answered(const Operation& of, std::string_view rule, RuleClass rule_class, TicketId ticket,
              GrantId grant) {
  json line = operation(of, rule, rule_class);
  line["ticket"] = ticket;
  line["allow"] = grant != 0;
  if (grant != 0) line["grant"] = grant;
  return line;
}

json opened(const Ticket& ticket) {
  json line = event("ticket_opened", ticket.opened);
  line["ticket"] = ticket.id;
  line["hold"] = ticket.operation.hold_id;
  line["shown"] = to_json(ticket);
  // Uncut: a secret cannot be known by a part of it. The record cuts what it leaves.
  line["shown"]["operation"] = to_json(ticket.operation, kUnbounded);
  line["shown"]["circumstances"] = to_json(ticket.evidence, kUnbounded);
  line["shown"]["stated_reason"] = escape(ticket.stated_reason, kUnbounded);
  return line;
}

json joined(const Ticket& ticket, HoldId hold, TimePoint time) {
  json line = event("hold_joined", time);
  line["ticket"] = ticket.id;
  line["hold"] = hold;
  line["joined"] = ticket.joined;
  return line;
}

json closed(const Ticket& ticket) {
  json line = event("ticket_closed", ticket.closed.value_or(ticket.deadline));
  line["ticket"] = ticket.id;
  line["digest"] = ticket.digest;
  line["workload"] = escape(ticket.workload);
  line["outcome"] = to_string(ticket.outcome);
  line["joined"] = ticket.joined;
  const Decision* decision = final_decision(ticket);
  line["decision"] = decision != nullptr ? to_json(*decision) : json(nullptr);
  return line;
}

json happened(const Ticket& ticket, const TicketEvent& what, TimePoint time) {
  json line = event("ticket_event", time);
  line["ticket"] = ticket.id;
  line["what"] = escape(what.what);
  return line;
}

json decided(const Decision& decision, std::string_view workload, TimePoint time,
             std::string_view how) {
  json line = decision_event("decision", decision, workload, time);
  if (!how.empty()) line["how"] = how;
  return line;
}

json decision_refused(const Decision& decision, std::string_view workload, std::string_view why,
                      TimePoint time) {
  json line = decision_event("decision_refused", decision, workload, time);
  line["why"] = escape(why);
  return line;
}

json released(const Release& release, TimePoint time) {
  json line = event("released", time);
  line["hold"] = release.hold;
  line["ticket"] = release.ticket;
  const bool allow = release.answer == HoldAnswer::allow;
  line["allow"] = allow;
  if (release.answer == HoldAnswer::judge_again) line["again"] = true;
  if (allow) line["valid_until"] = rfc3339(release.valid_until);
  return line;
}

json granted(const Grant& grant, TimePoint time) {
  json line = event("granted", time);
  line["ticket"] = grant.ticket;
  line["workload_id"] = workload_id(grant.workload);
  line["grant"] = to_json(grant);
  return line;
}

json grant_ended(const GrantEnded& ended, TimePoint time) {
  json line = event("grant_ended", time);
  line["ticket"] = ended.grant.ticket;
  line["grant"] = to_json(ended.grant);
  if (!ended.by.empty()) line["by"] = escape(ended.by);
  return line;
}

json proposed(const Ticket& ticket, std::string_view rules, std::string_view file, TimePoint time) {
  json line = event("rule_proposed", time);
  line["ticket"] = ticket.id;
  line["policy"] = escape(ticket.policy);
  line["rules"] = rules;  // escaped already
  line["file"] = escape(file);
  return line;
}

json not_proposed(const Ticket& ticket, std::string_view why, TimePoint time) {
  json line = event("rule_proposed", time);
  line["ticket"] = ticket.id;
  line["policy"] = escape(ticket.policy);
  line["why"] = escape(why);
  return line;
}

json glass_broken(std::string_view cgroup, const Decision& who, TimePoint until, TimePoint time) {
  json line = event("break_glass", time);
  line["cgroup"] = escape(cgroup);
  line["until"] = rfc3339(until);
  line["by"] = to_json(who);
  return line;
}

json intent(std::string_view cgroup, const Intent& intent) {
  json line = event("intent", intent.declared);
  line["cgroup"] = escape(cgroup);
  line["claim"] = escape(intent.text, kUnbounded);
  line["process"] = intent.process;
  return line;
}

json refused(const Refused& refused, TimePoint time) {
  json line = event("refused", time);
  line["hold"] = refused.hold;
  line["workload_id"] = workload_id(refused.workload);
  line["reason"] = escape(refused.reason);
  return line;
}

json assigned(std::string_view cgroup, std::string_view policy, std::string_view policy_file,
              TimePoint time) {
  json line = event("assigned", time);
  line["cgroup"] = escape(cgroup);
  line["policy"] = escape(policy);
  line["policy_file"] = escape(policy_file);
  return line;
}

json unassigned(std::string_view cgroup, TimePoint time) {
  json line = event("unassigned", time);
  line["cgroup"] = escape(cgroup);
  return line;
}

json touched(std::string_view cgroup, const std::vector<std::string>& labels, int process,
             TimePoint time) {
  json line = event("touched", time);
  line["cgroup"] = escape(cgroup);
  line["labels"] = labels;  // names of a policy, which need no escaping
  line["process"] = process;
  return line;
}

json left_out(std::uint64_t operations, TimePoint time) {
  json line = event("left_out", time);
  line["operations"] = operations;
  return line;
}

json killed(int process, TimePoint time) {
  json line = event("killed", time);
  line["process"] = process;
  line["why"] = "the arguments changed after they were judged";
  return line;
}

json started(std::string_view enforcement, TimePoint time) {
  json line = event("started", time);
  line["enforcement"] = escape(enforcement);
  return line;
}

json stopped(TimePoint time) { return event("stopped", time); }

}  // namespace stayd::audit
