// SPDX-License-Identifier: Apache-2.0
#include "tickets/ticket_json.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/digest.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "context/operation_json.h"
#include "tickets/coverage.h"

namespace stayd {
namespace {

using nlohmann::json;

json class_json(RuleClass rule_class) {
  return rule_class == RuleClass::none ? json(nullptr) : json(to_string(rule_class));
}

json texts_json(const std::vector<std::string>& texts, std::size_t text_max) {
  json list = json::array();
  for (const std::string& each : texts) list.push_back(escape(each, text_max));
  return list;
}

json scopes_json(const Ticket& ticket, std::size_t text_max) {
  json scopes = json::array();
  for (const Scope scope : ticket.scopes)
    scopes.push_back({{"scope", to_string(scope)},
                      {"lets_through", escape(lets_through(ticket, scope), text_max)}});
  return scopes;
}

// One definition of what is shown, cut for people and uncut for the digest.
json shown(const Ticket& ticket, std::size_t text_max) {
  json excluded = json::array();
  for (const Excluded& each : ticket.excluded)
    excluded.push_back({{"person", escape(each.person, text_max)}, {"why", each.why}});
  return {{"id", ticket.id},
          {"flood", ticket.flood},
          {"asked_ahead", ticket.asked_ahead},
          {"stated_reason", escape(ticket.stated_reason, text_max)},
          {"operation", to_json(ticket.operation, text_max)},
          {"workload", escape(ticket.workload, text_max)},
          {"policy", escape(ticket.policy, text_max)},
          {"rule", escape(ticket.rule, text_max)},
          {"class", class_json(ticket.rule_class)},
          {"names", texts_json(ticket.names, text_max)},
          {"called", texts_json(ticket.called, text_max)},
          {"sets_off", texts_json(ticket.sets_off, text_max)},
          {"scopes", scopes_json(ticket, text_max)},
          {"circumstances", to_json(ticket.evidence, text_max)},
          {"quorum", ticket.quorum},
          {"excluded", std::move(excluded)},
          {"opened", rfc3339(ticket.opened)},
          {"opened_ms", ticket.opened.time_since_epoch().count()},
          {"deadline", rfc3339(ticket.deadline)},
          {"deadline_ms", ticket.deadline.time_since_epoch().count()}};
}

std::string_view bytes_of(const stayd_object& object) {
  return {reinterpret_cast<const char*>(&object), sizeof object};
}

json escalations_json(const Ticket& ticket) {
  json result = json::array();
  for (const Escalation& each : ticket.escalations)
    result.push_back({{"at", rfc3339(ticket.opened + each.after)}, {"to", each.to}});
  return result;
}

json history_json(const Ticket& ticket) {
  json result = json::array();
  for (const TicketEvent& each : ticket.history)
    result.push_back({{"time", rfc3339(each.time)}, {"what", escape(each.what)}});
  return result;
}

json put_off_json(const Ticket& ticket) {
  json result = json::array();
  for (const auto& [person, until] : ticket.snooze)
    result.push_back({{"person", escape(person)}, {"until", rfc3339(until)}});
  return result;
}

}  // namespace

json to_json(const Decision& decision, std::size_t text_max) {
  const std::size_t reason_max = text_max > kUnbounded / 4 ? kUnbounded : text_max * 4;
  json result = {{"choice", decision.choice == Choice::approve ? "approve" : "deny"},
                 {"person", escape(decision.person, text_max)},
                 {"name", escape(decision.name, text_max)},
                 {"account", escape(decision.account, text_max)},
                 {"channel", escape(decision.channel, text_max)},
                 {"reason", escape(decision.reason, reason_max)},
                 {"scope", to_string(decision.scope)},
                 {"grant_for_s", decision.grant_for.count()},
                 {"uses", decision.uses}};
  if (decision.break_glass) result["break_glass"] = true;
  if (decision.propose_rule) result["propose_rule"] = true;
  return result;
}

json to_json(const Ticket& ticket, std::size_t text_max) {
  json result = shown(ticket, text_max);
  result["digest"] = ticket.digest;
  result["asked"] = ticket.asked;
  result["escalations"] = escalations_json(ticket);
  result["waiting"] = ticket.holds.size();
  result["joined"] = ticket.joined;
  result["also"] = json::array();
  for (const Endpoint& each : ticket.also) result["also"].push_back(to_string(each));
  result["caller_left"] = nullptr;
  result["lingers_until"] = nullptr;
  if (ticket.caller_left) {
    result["caller_left"] = rfc3339(*ticket.caller_left);
    result["lingers_until"] = rfc3339(answerable_until(ticket));
  }
  result["outcome"] = to_string(ticket.outcome);
  result["closed"] = nullptr;
  result["closed_ms"] = nullptr;
  if (ticket.closed) {
    result["closed"] = rfc3339(*ticket.closed);
    result["closed_ms"] = ticket.closed->time_since_epoch().count();
  }
  result["decisions"] = json::array();
  for (const Decision& each : ticket.decisions)
    result["decisions"].push_back(to_json(each, text_max));
  const Decision* decision = final_decision(ticket);
  result["decision"] = decision != nullptr ? to_json(*decision, text_max) : json(nullptr);
  result["put_off"] = put_off_json(ticket);
  result["history"] = history_json(ticket);
  return result;
}

json to_json(const Grant& grant) {
  json result = {{"id", grant.id},
                 {"ticket", grant.ticket},
                 {"workload", escape(grant.workload_name)},
                 {"scope", to_string(grant.scope)},
                 {"process", nullptr},
                 {"what", escape(grant.what)},
                 {"person", escape(grant.person)},
                 {"granted", rfc3339(grant.granted)},
                 {"expires", nullptr},
                 {"uses", nullptr},
                 {"state", to_string(grant.end)}};
  if (grant.process != ProcessInstance{}) result["process"] = grant.process.pid;
  if (grant.expires) result["expires"] = rfc3339(*grant.expires);
  if (grant.uses != std::numeric_limits<std::int64_t>::max()) result["uses"] = grant.uses;
  return result;
}

std::string digest_of(const Ticket& ticket) {
  json bound = shown(ticket, kUnbounded);
  bound["object"] = sha256_hex(bytes_of(ticket.operation.object));
  // json keeps its keys sorted, so equal tickets give equal text.
  return sha256_hex(dump(bound));
}

}  // namespace stayd
