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
  constexpr std::int64_t kMax = 1'000'000'000'000'000;
  return std::clamp<std::int64_t>(number(object, name), 0, kMax);
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
    line += in_quotes(argument);
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

std::string named(const std::string& name) { return name.empty() ? "" : " (" + name + ")"; }

std::string user_text(const json& caller, const json& facts) {
  std::string user = "uid " + std::to_string(number(caller, "uid")) + named(text(facts, "user")) +
                     ", gid " + std::to_string(number(caller, "gid"));
  if (member(caller, "login_uid").is_number_integer()) {
    user += ", logged in as uid " + std::to_string(number(caller, "login_uid")) +
            named(text(facts, "login_user"));
  }
  return user;
}

std::string where_text(const json& facts) {
  std::string where;
  for (const char* name : {"host", "unit", "container"}) {
    const std::string value = text(facts, name);
    if (value.empty()) continue;
    where += (where.empty() ? "" : ", ");
    where += name + std::string(" ") + value;
  }
  return where;
}

std::string listed(const std::vector<std::string>& values) {
  std::string line;
  for (const std::string& value : values) line += (line.empty() ? "" : ", ") + value;
  return line;
}

std::vector<std::string> data_lines(const json& facts) {
  std::vector<std::string> lines;
  const std::vector<std::string> touched = texts(facts, "touched");
  if (!touched.empty()) lines.push_back("labels read: " + listed(touched));
  const std::vector<std::string> files = texts(facts, "files_read");
  if (!files.empty()) {
    const auto more = number(facts, "files_read_count") - static_cast<std::int64_t>(files.size());
    lines.push_back("files read: " + listed(files) +
                    (more > 0 ? ", and " + std::to_string(more) + " before" : ""));
  }
  return lines;
}

// The largest first; what is left of the sum went elsewhere.
std::vector<std::string> sent_lines(const json& facts) {
  std::vector<std::string> lines;
  std::int64_t elsewhere = std::max<std::int64_t>(number(facts, "bytes_sent"), 0);
  const json& sent = member(facts, "sent");
  if (!sent.is_array()) return lines;
  for (const json& each : sent) {
    const std::int64_t bytes = std::max<std::int64_t>(number(each, "bytes"), 0);
    elsewhere -= std::min(bytes, elsewhere);
    lines.push_back("sent: " + count_text(static_cast<std::uint64_t>(bytes), "byte") + " to " +
                    text(each, "to") + named(listed(texts(each, "names"))));
  }
  if (elsewhere > 0)
    lines.push_back("sent: " + count_text(static_cast<std::uint64_t>(elsewhere), "byte") +
                    (lines.empty() ? "" : " to others"));
  return lines;
}

std::string precedent_text(const json& facts) {
  const json& precedent = member(facts, "precedent");
  const std::int64_t approved = number(precedent, "approved");
  const std::int64_t denied = number(precedent, "denied");
  if (!precedent.is_object()) return {};
  if (approved == 0 && denied == 0) return "never asked before";
  return "asked before: approved " + std::to_string(approved) + ", denied " +
         std::to_string(denied) + ", last " + text(precedent, "last");
}

std::vector<std::string> history_lines(const json& ticket) {
  std::vector<std::string> lines;
  const json& history = member(ticket, "history");
  if (!history.is_array()) return lines;
  for (const json& each : history) lines.push_back(text(each, "time") + " " + text(each, "what"));
  return lines;
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
  return DecisionView{.approve = text(decision, "choice") == "approve",
                      .person = text(decision, "name"),
                      .channel = text(decision, "channel"),
                      .reason = text(decision, "reason"),
                      .scope = text(decision, "scope"),
                      .grant_for_s = time_number(decision, "grant_for_s"),
                      .uses = number(decision, "uses"),
                      .break_glass = flag(decision, "break_glass")};
}

}  // namespace

std::string grant_text(const DecisionView& decision) {
  if (decision.scope != "process" && decision.scope != "workload") return {};
  std::string text = ", and so does the same again";
  if (decision.scope == "process") text += " of this process";
  if (decision.grant_for_s > 0) text += " for " + duration_text(decision.grant_for_s * 1000);
  if (decision.grant_for_s == 0) text += " until it ends";
  if (decision.uses > 0)
    text += ", " + count_text(static_cast<std::uint64_t>(decision.uses), "time");
  return text;
}

std::string in_quotes(const std::string& argument) {
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
  const json& facts = member(ticket, "circumstances");
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
  view.flood = flag(ticket, "flood");
  view.quorum = std::max<std::int64_t>(number(ticket, "quorum"), 1);
  if (member(ticket, "decisions").is_array()) view.approvals = member(ticket, "decisions").size();
  view.asked = texts(ticket, "asked");
  view.history = history_lines(ticket);
  view.data = data_lines(facts);
  for (std::string& line : sent_lines(facts)) view.data.push_back(std::move(line));
  view.intent = text(member(facts, "intent"), "claim");
  view.precedent = precedent_text(facts);
  view.where = where_text(facts);

  view.kind = text(operation, "kind");
  view.action = action_text(view.kind, operation);
  view.object = text(operation, operation.contains("endpoint") ? "endpoint" : "path");
  if (operation.contains("linked"))
    view.object += " as a hard link to " + text(operation, "linked");
  view.command = command_line(operation);
  view.command_incomplete = flag(operation, "arguments_incomplete");
  view.cannot_wait = text(operation, "disposition") == "cannot_wait";
  view.identity = identity_text(operation);
  view.syscall = syscall_text(operation);

  view.program = text(caller, "program");
  view.comm = text(caller, "comm");
  view.user = user_text(caller, facts);
  view.cgroup = text(caller, "cgroup");
  view.pid = number(caller, "pid");
  view.thread = number(caller, "thread");
  view.ancestry = ancestry_lines(caller);
  return view;
}

}  // namespace stayd::terminal
