// SPDX-License-Identifier: Apache-2.0
#include "ctl/recorded.h"

#include <utility>

#include "base/escape.h"
#include "base/json.h"
#include "policy/attempt.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTickets = 100'000;

std::optional<Verdict> verdict_of(const std::string& disposition) {
  if (disposition == "held" || disposition == "cannot_wait" || disposition == "would_hold" ||
      disposition == "asked_ahead")
    return Verdict::hold;
  if (disposition == "denied" || disposition == "would_deny") return Verdict::deny;
  if (disposition == "audited") return Verdict::audit;
  return std::nullopt;
}

// The record shows paths as escape() does.
std::optional<std::string> attempt_of(const json& operation) {
  const std::string kind = text_at(operation, "kind");
  if (kind == "connect" || kind == "send") {
    std::string endpoint = text_at(operation, "endpoint");
    // Rules know no scopes.
    if (const std::size_t scope = endpoint.find('%'); scope != endpoint.npos)
      endpoint.erase(scope, endpoint.find(']', scope) - scope);
    return kind + ":" + endpoint;
  }
  const std::optional<std::string> path = unescape(text_at(operation, "path"));
  if (!path) return std::nullopt;
  if (kind == "unix") return "connect:unix:" + *path;
  if (kind == "rename") {
    const std::optional<std::string> to = unescape(text_at(operation, "new_path"));
    if (!to) return std::nullopt;
    return "rename:" + *path + ":" + *to;
  }
  if (kind == "exec") {
    std::string text = "exec:" + quoted_argument(*path);
    bool first = true;
    for (const std::string& each : texts_at(operation, "arguments")) {
      const std::optional<std::string> argument = unescape(each);
      if (!argument) return std::nullopt;
      if (!std::exchange(first, false)) text += " " + quoted_argument(*argument);
    }
    return text;
  }
  if (kind != "open") return kind + ":" + *path;
  std::string access;
  for (const std::string& each : texts_at(operation, "access")) access += each;
  return "open:" + *path + ":" + access;
}

std::optional<Recorded> recorded(const json& operation) {
  const std::string disposition = text_at(operation, "disposition");
  const std::optional<Verdict> verdict = verdict_of(disposition);
  if (!verdict) return std::nullopt;
  Recorded result;
  result.attempt = attempt_of(operation).value_or("");
  result.verdict = *verdict;
  result.went_on = disposition == "audited" || disposition.starts_with("would_");
  result.hosts = texts_at(operation, "hosts");
  if (text_at(operation, "kind") == "exec")
    result.origins = static_cast<std::uint32_t>(count_at(operation, "open_flags"));
  return result;
}

bool is_in(const std::string& cgroup, const std::string& workload) {
  return cgroup == workload || cgroup.starts_with(workload + "/");
}

}  // namespace

std::string Recording::workload_of(const std::string& cgroup) const {
  for (const auto& [workload, policy] : assigned_)
    if (is_in(cgroup, workload)) return workload;
  return {};
}

std::optional<Recorded> Recording::read_operation(const json& event) {
  const auto operation = event.find("operation");
  if (operation == event.end() || !operation->is_object()) return std::nullopt;
  std::optional<Recorded> result = recorded(*operation);
  if (!result) return std::nullopt;
  const auto caller = operation->find("caller");
  if (caller != operation->end() && caller->is_object())
    result->workload = workload_of(text_at(*caller, "cgroup"));
  if (const auto policy = assigned_.find(result->workload); policy != assigned_.end())
    result->policy = policy->second;
  result->rule = text_at(event, "rule");
  return result;
}

std::optional<Recorded> Recording::read_ticket(const json& event) {
  const auto shown = event.find("shown");
  if (shown == event.end() || !shown->is_object()) return std::nullopt;
  const auto operation = shown->find("operation");
  if (operation == shown->end() || !operation->is_object()) return std::nullopt;
  std::optional<Recorded> result = recorded(*operation);
  if (!result) return std::nullopt;
  result->workload = text_at(*shown, "workload");
  result->policy = text_at(*shown, "policy");
  result->rule = text_at(*shown, "rule");
  result->hold = count_at(event, "hold");
  if (tickets_.size() < kMaxTickets) tickets_[count_at(event, "ticket")] = *result;
  return result;
}

std::optional<Recorded> Recording::read(std::string_view line) {
  answered_.reset();
  const Result<json> parsed = parse_json(line);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json& event = *parsed;
  const std::string name = text_at(event, "event");
  std::optional<Recorded> result;
  if (name == "assigned") {
    assigned_[text_at(event, "cgroup")] = text_at(event, "policy");
  } else if (name == "unassigned") {
    assigned_.erase(text_at(event, "cgroup"));
    touched_.erase(text_at(event, "cgroup"));
  } else if (name == "touched") {
    for (const std::string& label : texts_at(event, "labels"))
      touched_[text_at(event, "cgroup")].insert(label);
  } else if (name == "released") {
    answered_ = {count_at(event, "hold"), event.value("allow", json()) == true};
  } else if (name == "ticket_closed") {
    tickets_.erase(count_at(event, "ticket"));
  } else if (name == "operation") {
    result = read_operation(event);
  } else if (name == "ticket_opened") {
    result = read_ticket(event);
  } else if (name == "hold_joined") {
    const auto ticket = tickets_.find(count_at(event, "ticket"));
    if (ticket == tickets_.end()) return std::nullopt;
    result = ticket->second;
    result->hold = count_at(event, "hold");
  }
  if (!result) return std::nullopt;
  result->time = text_at(event, "time");
  if (const auto labels = touched_.find(result->workload); labels != touched_.end())
    result->touched = labels->second;
  policies_.insert(result->policy);
  return result;
}

}  // namespace stayd
