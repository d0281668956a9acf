// SPDX-License-Identifier: Apache-2.0
#include "tickets/ticket_json.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/digest.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "context/operation_json.h"

namespace stayd {
namespace {

using nlohmann::json;

// One definition of what is shown, cut for people and uncut for the digest.
json shown(const Ticket& ticket, std::size_t text_max) {
  return {{"id", ticket.id},
          {"operation", to_json(ticket.operation, text_max)},
          {"workload", escape(ticket.workload, text_max)},
          {"policy", escape(ticket.policy, text_max)},
          {"rule", escape(ticket.rule, text_max)},
          {"opened", rfc3339(ticket.opened)},
          {"opened_ms", ticket.opened.time_since_epoch().count()},
          {"deadline", rfc3339(ticket.deadline)},
          {"deadline_ms", ticket.deadline.time_since_epoch().count()}};
}

std::string_view bytes_of(const stayd_object& object) {
  return {reinterpret_cast<const char*>(&object), sizeof object};
}

}  // namespace

json to_json(const Decision& decision) {
  return {{"choice", decision.choice == Choice::approve ? "approve" : "deny"},
          {"person", escape(decision.person)},
          {"channel", escape(decision.channel)},
          {"reason", escape(decision.reason, 2048)},
          {"grant_for_s", decision.grant_for.count()}};
}

json to_json(const Ticket& ticket) {
  json result = shown(ticket, 512);
  result["digest"] = ticket.digest;
  result["waiting"] = ticket.holds.size();
  result["joined"] = ticket.joined;
  result["outcome"] = to_string(ticket.outcome);
  result["closed"] = nullptr;
  result["closed_ms"] = nullptr;
  if (ticket.closed) {
    result["closed"] = rfc3339(*ticket.closed);
    result["closed_ms"] = ticket.closed->time_since_epoch().count();
  }
  result["decision"] = nullptr;
  if (ticket.decision) result["decision"] = to_json(*ticket.decision);
  return result;
}

std::string digest_of(const Ticket& ticket) {
  json bound = shown(ticket, kUnbounded);
  bound["object"] = sha256_hex(bytes_of(ticket.operation.object));
  // json keeps its keys sorted, so equal tickets give equal text.
  return sha256_hex(dump(bound));
}

}  // namespace stayd
