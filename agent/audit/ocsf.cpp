// SPDX-License-Identifier: Apache-2.0
#include "audit/ocsf.h"

#include <charconv>
#include <string_view>

#include "audit/ocsf_operation.h"
#include "base/json.h"
#include "base/rfc3339.h"

namespace stayd::audit {
namespace {

constexpr const char* kSchema = "1.7.0";

enum Class : int {
  kBaseEvent = 0,
  kProcessActivity = 1007,
  kEventLogActivity = 1008,
  kAuthorizeSession = 3003,
  kEntityManagement = 3004,
  kApplicationLifecycle = 6002,
};
enum Severity : int { kInformational = 1, kLow = 2, kMedium = 3, kHigh = 4 };
enum Status : int { kSuccess = 1, kFailure = 2 };
enum Action : int { kAllowed = 1, kDenied = 2, kOtherAction = 99 };
enum Disposition : int {
  kGoesOn = 1,
  kBlocked = 2,
  kApproved = 8,
  kDelayed = 14,
  kRejected = 25,
  kUnauthorized = 26
};
constexpr int kOther = 99;

json product() { return {{"name", "stayd"}, {"vendor_name", "stayd"}}; }

void set_action(json& event, int action, int disposition) {
  event["action_id"] = action;
  event["disposition_id"] = disposition;
  event["status_id"] = action == kDenied ? kFailure : kSuccess;
}

// Activities of Entity Management.
enum Change : int {
  kUpdate = 3,
  kEnable = 8,
  kDisable = 9,
  kDeactivate = 11,
  kSuspend = 12,
  kResume = 13
};

int change_of(const std::string& name) {
  if (name == "hold_joined") return kSuspend;
  if (name == "released") return kResume;
  if (name == "assigned") return kEnable;
  if (name == "unassigned" || name == "break_glass") return kDisable;
  if (name == "ticket_closed" || name == "grant_ended") return kDeactivate;
  if (name == "decision" || name == "decision_refused" || name == "ticket_event" ||
      name == "rule_proposed")
    return kUpdate;
  if (name == "refused") return kOther;
  return 0;
}

json entity_of(const std::string& name, const json& event) {
  if (name == "hold_joined" || name == "released" || name == "refused")
    return {{"type", "hold"}, {"type_id", kOther}, {"uid", id_at(event, "hold")}};
  if (name == "assigned")
    return {{"type", "Policy"},
            {"type_id", 5},
            {"name", text_at(event, "cgroup")},
            {"policy", {{"name", text_at(event, "policy")}}}};
  if (name == "unassigned" || name == "break_glass")
    return {{"type", "workload"}, {"type_id", kOther}, {"name", text_at(event, "cgroup")}};
  if (name == "grant_ended")
    return {
        {"type", "grant"}, {"type_id", kOther}, {"uid", id_at(member_at(event, "grant"), "id")}};
  return {{"type", "ticket"}, {"type_id", kOther}, {"uid", id_at(event, "ticket")}};
}

}  // namespace

json OcsfMapper::device() const {
  return {{"hostname", host_.empty() ? "unknown" : host_}, {"type_id", 0}};
}

json OcsfMapper::base(const json& event, int class_uid, int activity) const {
  const std::string name = text_at(event, "event");
  const std::string when = text_at(event, "time");
  const auto time = parse_rfc3339(when);
  json result = {{"class_uid", class_uid},
                 {"category_uid", class_uid / 1000},
                 {"activity_id", activity},
                 {"type_uid", class_uid * 100 + activity},
                 {"severity_id", kInformational},
                 {"time", time ? time->time_since_epoch().count() : 0},
                 {"message", name},
                 {"device", device()},
                 {"unmapped", event}};
  if (activity == kOther) result["activity_name"] = name;
  json metadata = {
      {"version", kSchema},   {"product", product()}, {"profiles", {"host", "security_control"}},
      {"log_name", "record"}, {"event_code", name},   {"original_time", when}};
  const auto number = event.find("seq");
  if (number != event.end() && number->is_number_integer()) {
    metadata["sequence"] = *number;
    metadata["uid"] = number->dump();
  }
  if (const std::string ticket = id_at(event, "ticket"); !ticket.empty())
    metadata["correlation_uid"] = "ticket " + ticket;
  result["metadata"] = std::move(metadata);
  for (const char* chains : {"seq", "prev", "event", "time"}) result["unmapped"].erase(chains);
  return result;
}

json OcsfMapper::operation(const json& event, const json& operation, const json& about) const {
  const OcsfOperation mapped = ocsf_operation(operation);
  json result = base(event, mapped.class_uid, mapped.activity);
  result.update(mapped.members);
  if (const std::string policy = text_at(about, "policy"); !policy.empty())
    result["policy"] = {{"name", policy}, {"desc", text_at(about, "rule")}};
  if (const std::string rule_class = text_at(about, "class"); !rule_class.empty())
    result["metadata"]["labels"] = {rule_class};
  const std::string disposition = text_at(operation, "disposition");
  const json& answered = member_at(event, "allow");
  if (disposition == "held" && answered.is_boolean()) {
    set_action(result, answered == true ? kAllowed : kDenied,
               answered == true ? kGoesOn : kBlocked);
  } else if (disposition == "held" || disposition == "asked_ahead") {
    set_action(result, kOtherAction, kDelayed);
    result["action"] = "Held";
    result["status_id"] = kOther;
    result["status"] = "Held";
    result["severity_id"] = kLow;
  } else if (disposition == "denied" || disposition == "cannot_wait") {
    set_action(result, kDenied, kBlocked);
    result["severity_id"] = kMedium;
  } else {
    set_action(result, kAllowed, disposition == "audited" ? 17 : 15);  // Logged, Detected
  }
  result["message"] = disposition + ": " + mapped.what;
  return result;
}

json OcsfMapper::entity(const json& event) const {
  const std::string name = text_at(event, "event");
  json result = base(event, kEntityManagement, change_of(name));
  result["entity"] = entity_of(name, event);
  const json& answer = member_at(event, name == "break_glass" ? "by" : "decision");
  const std::string person = text_at(answer, "person");
  if (!person.empty())
    result["actor"] = {{"user", {{"name", person}, {"uid", text_at(answer, "account")}}}};
  if (const std::string reason = text_at(answer, "reason"); !reason.empty())
    result["comment"] = reason;
  const bool approves = text_at(answer, "choice") == "approve";
  if (name == "decision") {
    set_action(result, approves ? kAllowed : kDenied, approves ? kApproved : kRejected);
    result["status_id"] = kSuccess;
    result["message"] = person + (approves ? " approves" : " denies");
  } else if (name == "decision_refused") {
    set_action(result, kDenied, kUnauthorized);
    result["status_detail"] = text_at(event, "why");
    result["severity_id"] = kMedium;
  } else if (name == "ticket_closed") {
    const std::string outcome = text_at(event, "outcome");
    const bool approved = outcome == "approved";
    set_action(result, approved ? kAllowed : kDenied,
               approved ? kApproved : (outcome == "denied" ? kRejected : kBlocked));
    result["status_id"] = kSuccess;
    result["status_detail"] = outcome;
    result["message"] = "ticket " + id_at(event, "ticket") + " is " + outcome;
  } else if (name == "released") {
    const auto allow = event.find("allow");
    const bool goes_on = allow != event.end() && *allow == true;
    set_action(result, goes_on ? kAllowed : kDenied, goes_on ? kGoesOn : kBlocked);
    result["status_id"] = kSuccess;
  } else if (name == "refused") {
    set_action(result, kDenied, kBlocked);
    result["status_detail"] = text_at(event, "reason");
    result["severity_id"] = kHigh;
  } else if (name == "break_glass") {
    result["severity_id"] = kHigh;
  }
  return result;
}

json OcsfMapper::grant(const json& event) const {
  const json& grant = member_at(event, "grant");
  json result = base(event, kAuthorizeSession, 1);  // Assign Privileges
  const std::string workload = text_at(grant, "workload");
  result["user"] = {{"name", workload.empty() ? "workload" : workload}, {"type_id", 4}};  // Service
  result["privileges"] = {text_at(grant, "what")};
  result["session"] = {{"uid", id_at(grant, "id")}, {"issuer", text_at(grant, "person")}};
  if (const auto expires = parse_rfc3339(text_at(grant, "expires")))
    result["session"]["expiration_time"] = expires->time_since_epoch().count();
  result["status_id"] = kSuccess;
  return result;
}

json OcsfMapper::log(const json& event) const {
  const std::string name = text_at(event, "event");
  int activity = kOther;
  if (name == "record_removed") activity = 2;  // Delete
  if (name == "record_begin") activity = 5;    // Rotate
  if (name == "record_opened") activity = 6;   // Start
  if (name == "record_closed") activity = 7;   // Stop
  json result = base(event, kEventLogActivity, activity);
  result["log_name"] = "record";
  if (name == "record_repaired") result["severity_id"] = kMedium;
  return result;
}

std::optional<json> OcsfMapper::map(const json& event) {
  if (!event.is_object()) return std::nullopt;
  const std::string name = text_at(event, "event");
  if (name == "signature") return std::nullopt;
  if (const std::string host = text_at(event, "host"); name == "record_begin" && !host.empty())
    host_ = host;
  if (name == "operation") return operation(event, member_at(event, "operation"), event);
  if (name == "ticket_opened") {
    const json& shown = member_at(event, "shown");
    return operation(event, member_at(shown, "operation"), shown);
  }
  if (name == "granted") return grant(event);
  if (name.starts_with("record_")) return log(event);
  if (change_of(name) != 0) return entity(event);
  if (name == "started" || name == "stopped") {
    json result = base(event, kApplicationLifecycle, name == "started" ? 3 : 4);
    result["app"] = product();
    return result;
  }
  if (name == "killed") {
    json result = base(event, kProcessActivity, 2);  // Terminate
    result["actor"] = {{"app_name", "stayd"}};
    result["process"] = {{"pid", number_at(event, "process")}};
    result["severity_id"] = kHigh;
    return result;
  }
  json result = base(event, kBaseEvent, kOther);
  result["activity_name"] = name;
  return result;
}

}  // namespace stayd::audit
