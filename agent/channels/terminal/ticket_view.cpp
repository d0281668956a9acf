// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/ticket_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "channels/terminal/text.h"

namespace stayd::terminal {
namespace {

using nlohmann::json;

const json& member(const json& object, const char* name) {
  static const json kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

std::string text(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : "";
}

std::int64_t number(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

// Bounded, so that no sum or product of times can overflow.
std::int64_t time_number(const json& object, const char* name) {
  constexpr std::int64_t kLongest = 1'000'000'000'000'000;
  return std::clamp<std::int64_t>(number(object, name), 0, kLongest);
}

bool flag(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts(const json& object, const char* name) {
  std::vector<std::string> result;
  const json& values = member(object, name);
  if (!values.is_array()) return result;
  for (const json& value : values) {
    if (value.is_string()) result.push_back(printable(value.get_ref<const std::string&>()));
  }
  return result;
}

std::string command_line(const json& object) {
  std::string line;
  for (const std::string& argument : texts(object, "arguments")) {
    if (!line.empty()) line += ' ';
    line += quoted(argument);
  }
  return line;
}

std::string action_text(const std::string& kind, const json& operation) {
  if (kind == "connect") return "connect to";
  if (kind == "send") return "send to";
  if (kind == "exec") return "run";
  std::string purpose;
  for (const std::string& access : texts(operation, "access")) {
    purpose += purpose.empty() ? " for " : " and ";
    purpose += access == "read" ? "reading" : access == "write" ? "writing" : access;
  }
  return kind == "open" ? kind + purpose : kind;
}

std::string syscall_text(const json& operation) {
  const json& call = member(operation, "syscall");
  const std::string abi = text(call, "abi");
  return text(call, "name") + (abi.empty() || abi == "x86-64" ? "" : " (" + abi + ")");
}

std::string user_text(const json& caller) {
  std::string user = "uid " + std::to_string(number(caller, "uid")) + ", gid " +
                     std::to_string(number(caller, "gid"));
  if (member(caller, "login_uid").is_number_integer()) {
    user += ", logged in as uid " + std::to_string(number(caller, "login_uid"));
  }
  return user;
}

std::vector<std::string> ancestry_lines(const json& caller) {
  std::vector<std::string> lines;
  const json& ancestry = member(caller, "ancestry");
  if (!ancestry.is_array()) return lines;
  for (const json& ancestor : ancestry) {
    const std::string program = text(ancestor, "program");
    std::string line = (program.empty() ? "unknown program" : program) + " [" +
                       std::to_string(number(ancestor, "pid")) + "]";
    const std::string command = command_line(ancestor);
    if (!command.empty()) line += ": " + command;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string identity_text(const json& operation) {
  const json& identity = member(operation, "identity");
  if (operation.contains("endpoint") || identity.is_null()) return {};
  return "device " + text(identity, "device") + ", inode " + text(identity, "inode");
}

std::optional<DecisionView> decision_view(const json& decision) {
  if (!decision.is_object()) return std::nullopt;
  return DecisionView{text(decision, "choice") == "approve", text(decision, "person"),
                      text(decision, "channel"), text(decision, "reason"),
                      time_number(decision, "grant_for_s")};
}

}  // namespace

std::string quoted(const std::string& argument) {
  if (!argument.empty() && argument.find_first_of(" \"'`$&|;<>()*?#~!") == std::string::npos) {
    return argument;
  }
  std::string out = "\"";
  for (const char c : argument) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

TicketView view_of(const json& ticket) {
  const json& operation = member(ticket, "operation");
  const json& caller = member(operation, "caller");
  TicketView view;
  view.id = static_cast<std::uint64_t>(number(ticket, "id"));
  view.digest = text(ticket, "digest");
  view.workload = text(ticket, "workload");
  view.policy = text(ticket, "policy");
  view.rule = text(ticket, "rule");
  view.opened_ms = time_number(ticket, "opened_ms");
  view.deadline_ms = time_number(ticket, "deadline_ms");
  if (member(ticket, "closed_ms").is_number_integer()) {
    view.closed_ms = time_number(ticket, "closed_ms");
  }
  view.waiting = static_cast<std::uint64_t>(number(ticket, "waiting"));
  view.joined = static_cast<std::uint64_t>(number(ticket, "joined"));
  view.outcome = text(ticket, "outcome");
  view.decision = decision_view(member(ticket, "decision"));

  view.kind = text(operation, "kind");
  view.action = action_text(view.kind, operation);
  view.object = text(operation, operation.contains("endpoint") ? "endpoint" : "path");
  view.command = command_line(operation);
  view.command_incomplete = flag(operation, "arguments_incomplete");
  view.cannot_wait = text(operation, "disposition") == "cannot_wait";
  view.identity = identity_text(operation);
  view.syscall = syscall_text(operation);

  view.program = text(caller, "program");
  view.comm = text(caller, "comm");
  view.user = user_text(caller);
  view.cgroup = text(caller, "cgroup");
  view.pid = number(caller, "pid");
  view.thread = number(caller, "thread");
  view.ancestry = ancestry_lines(caller);
  return view;
}

}  // namespace stayd::terminal
