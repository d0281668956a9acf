// SPDX-License-Identifier: Apache-2.0
#include "approval/self_event.h"

#include <nlohmann/json.hpp>

#include "approval/command_text.h"
#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"

namespace stayd {
namespace {

using What = SelfEvent::What;

constexpr std::size_t kMaxObject = 512;
constexpr std::size_t kMaxDetail = 1024;
constexpr std::size_t kMaxRule = 256;
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxGroups = 8;

const char* to_string(What what) {
  switch (what) {
    case What::denied:
      return "denied";
    case What::held:
      return "held";
    case What::lingers:
      return "lingers";
    case What::approved:
      return "approved";
  }
  return "denied";
}

RuleReference escaped(const RuleReference& rule) {
  return {escape(rule.file, kMaxRule), rule.line, escape(rule.text, kMaxRule)};
}

void advise(SelfEvent& event, const Advice& advice) {
  event.advice = advice.text;
  event.retry = advice.retry;
}

void deny(SelfEvent& event, DenialReason why) {
  event.what = What::denied;
  event.reason = to_string(why);
  advise(event, advice_for(why));
}

SelfEvent event_of(const Operation& operation, const RuleReference& rule) {
  SelfEvent event;
  event.time = operation.time;
  event.process = operation.caller.pid;
  const Caller& caller = operation.caller;
  event.program = escape(caller.program.empty() ? caller.comm : caller.program, kMaxName);
  event.operation = to_string(operation.kind);
  event.object = escape(object_text(operation), kMaxObject);
  if (operation.kind == OperationKind::exec)
    event.command = command_text(operation.arguments, operation.arguments_incomplete);
  event.rule = escaped(rule);
  event.times = operation.times;
  return event;
}

SelfEvent event_of(const Ticket& ticket, const RuleReference& rule) {
  SelfEvent event = event_of(ticket.operation, rule);
  event.ticket = ticket.id;
  event.times = 1;
  return event;
}

nlohmann::json to_json(const RuleReference& rule) {
  if (rule.text.empty()) return nullptr;
  nlohmann::json result = {{"text", rule.text}};
  if (!rule.file.empty()) result["file"] = rule.file;
  if (!rule.file.empty() && rule.line > 0) result["line"] = rule.line;
  return result;
}

}  // namespace

nlohmann::json to_json(const SelfEvent& event) {
  nlohmann::json result = {{"event", to_string(event.what)}, {"seq", event.seq},
                           {"time", rfc3339(event.time)},    {"process", event.process},
                           {"program", event.program},       {"operation", event.operation},
                           {"object", event.object},         {"reason", event.reason},
                           {"detail", event.detail},         {"by", event.by},
                           {"rule", to_json(event.rule)},    {"ticket", nullptr},
                           {"times", event.times},           {"advice", event.advice},
                           {"retry", to_string(event.retry)}};
  if (event.ticket != 0) result["ticket"] = event.ticket;
  if (!event.command.empty()) result["command"] = event.command;
  if (event.until) result["until"] = rfc3339(*event.until);
  if (event.asked) result["asked"] = *event.asked;
  return result;
}

SelfEvent denied_event(const Operation& operation, DenialReason why, const RuleReference& rule,
                       std::string_view detail) {
  SelfEvent event = event_of(operation, rule);
  event.detail = escape(detail, kMaxDetail);
  deny(event, why);
  return event;
}

SelfEvent denied_event(const DeniedUnasked& denied, TimePoint time) {
  SelfEvent event;
  event.time = time;
  event.process = denied.process;
  event.operation = to_string(denied.kind);
  event.object = escape(denied.object, kMaxObject);
  deny(event, reason_of(denied.why));
  return event;
}

SelfEvent denied_event(const Operation& operation, const Refusal& refusal,
                       const RuleReference& rule) {
  SelfEvent event = denied_event(operation, DenialReason::denied_before, rule, refusal.reason);
  event.by = escape(refusal.by, kMaxName);
  event.ticket = refusal.ticket;
  event.until = refusal.until;
  return event;
}

SelfEvent approved_event(const Operation& operation, TicketId ticket, const RuleReference& rule) {
  SelfEvent event = event_of(operation, rule);
  event.what = What::approved;
  event.ticket = ticket;
  advise(event, {"approved; try again now", Retry::now});
  return event;
}

SelfEvent open_event(const Ticket& ticket, const RuleReference& rule) {
  SelfEvent event = event_of(ticket, rule);
  event.time = ticket.caller_left.value_or(ticket.opened);
  event.times = ticket.operation.times;
  event.until = answerable_until(ticket);
  event.asked.emplace();
  for (const std::string& group : ticket.asked)
    if (event.asked->size() < kMaxGroups) event.asked->push_back(escape(group, kMaxName));
  if (ticket.caller_left) {
    event.what = What::lingers;
    advise(event, {"nobody waits for the answer any more, and a person is still asked; try again "
                   "once it is approved, and do something else until then",
                   Retry::after_approval});
  } else if (ticket.holds.empty()) {
    deny(event, DenialReason::cannot_wait);
  } else {
    event.what = What::held;
    advise(event, {"it waits for a person and goes on by itself once approved; do not try again, "
                   "do something else",
                   Retry::after_approval});
  }
  return event;
}

SelfEvent thread_denied_event(const Ticket& ticket, const RuleReference& rule, HoldEnd left,
                              TimePoint time) {
  SelfEvent event = event_of(ticket, rule);
  event.time = time;
  event.until = answerable_until(ticket);
  deny(event, reason_of(Outcome::cancelled, left));
  if (left == HoldEnd::traced)
    advise(event, {"what is traced cannot wait for a person, and was denied at once; try again "
                   "once it is approved, or without strace, gdb or another tracer",
                   Retry::after_approval});
  return event;
}

SelfEvent ended_event(const Ticket& ticket, const RuleReference& rule, HoldEnd left) {
  SelfEvent event = event_of(ticket, rule);
  event.time = ticket.closed.value_or(ticket.deadline);
  const Decision* decision = final_decision(ticket);
  if (decision != nullptr) {
    event.detail = escape(decision->reason, kMaxDetail);
    event.by = escape(decision->name, kMaxName);
  }
  if (ticket.outcome != Outcome::approved) {
    deny(event, reason_of(ticket.outcome, left));
    if (ticket.outcome == Outcome::denied && ticket.caller_left) event.until = ticket.deadline;
    return event;
  }
  event.what = What::approved;
  if (!is_for_next_attempt(ticket)) {
    advise(event, {"approved: it went on by itself, there is no need to try again", Retry::never});
    return event;
  }
  advise(event, {"approved; try again now", Retry::now});
  if (decision != nullptr && decision->scope == Scope::once)
    event.until = next_attempt_until(ticket, event.time);
  return event;
}

}  // namespace stayd
