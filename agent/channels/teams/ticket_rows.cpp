// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/ticket_rows.h"

#include <algorithm>

#include "base/rfc3339.h"
#include "channels/teams/card.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

// "2026-01-31 09:05:07 UTC"
std::string utc(TimePoint time) {
  std::string text = rfc3339(time);
  text.resize(19);
  text[10] = ' ';
  return text + " UTC";
}

// One word or a word in quotes, so that two different lists never read the same.
std::string quoted_argument(const std::string& argument, std::size_t most) {
  const std::string shown = escape(argument, most);
  if (!shown.empty() && shown.find_first_of(" \"'`$&|;<>()*?#~!") == std::string::npos)
    return shown;
  std::string out = "\"";
  for (const char c : shown) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Bounded by `space` in number and in length, and says what was left out.
std::string command_line(const std::vector<std::string>& arguments, const Space& space) {
  std::string line;
  std::size_t shown = 0;
  for (const std::string& each : arguments) {
    const std::string next = quoted_argument(each, space.text);
    if (shown == space.items * 4 || line.size() + next.size() > space.text * 2) break;
    line += (shown == 0 ? "" : " ") + next;
    ++shown;
  }
  if (shown < arguments.size())
    line += " [" + std::to_string(arguments.size() - shown) + " more arguments]";
  return line;
}

template <class List, class Text>
std::string listed(const List& list, std::size_t most, Text text) {
  std::string line;
  std::size_t shown = 0;
  for (const auto& each : list) {
    if (shown++ == most) break;
    line += (line.empty() ? "" : ", ") + text(each);
  }
  if (list.size() > most) line += ", and " + std::to_string(list.size() - most) + " more";
  return line;
}

std::string action_of(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::open:
      if (operation.read && operation.write) return "open for reading and writing";
      return operation.write ? "open for writing" : "open for reading";
    case OperationKind::connect:
      return "connect to";
    case OperationKind::send:
      return "send to";
    case OperationKind::exec:
      return "run";
    case OperationKind::unix_socket:
      return "use the socket";
    default:
      return to_string(operation.kind);
  }
}

std::string object_of(const Operation& operation, const Space& space) {
  if (!has_path(operation.kind)) return to_string(operation.endpoint);
  std::string object = escape(operation.path, space.text);
  if (operation.kind == OperationKind::rename)
    object += " to " + escape(operation.new_path, space.text);
  if (is_link(operation)) object += " as a hard link to " + escape(operation.new_path, space.text);
  return object;
}

std::string where_of(const Ticket& ticket, const Space& space) {
  const Evidence& facts = ticket.evidence;
  std::string where = escape(ticket.workload, space.text);
  if (!facts.host.empty()) where += ", host " + escape(facts.host, space.text);
  if (!facts.container.empty()) where += ", " + escape(facts.container, space.text);
  return where;
}

std::string user_of(const Ticket& ticket, const Space& space) {
  const Caller& caller = ticket.operation.caller;
  const Evidence& facts = ticket.evidence;
  std::string user = "uid " + std::to_string(caller.uid);
  if (!facts.user.empty()) user += " (" + escape(facts.user, space.text) + ")";
  if (caller.login_uid) user += ", logged in as uid " + std::to_string(*caller.login_uid);
  if (!facts.login_user.empty()) user += " (" + escape(facts.login_user, space.text) + ")";
  return user;
}

std::string program_of(const Caller& caller, const Space& space) {
  const std::string& name = caller.program.empty() ? caller.comm : caller.program;
  return escape(name, space.text) + " [" + std::to_string(caller.pid) + "]";
}

std::string data_of(const Evidence& facts, const Space& space) {
  std::string data;
  const auto add = [&data](const std::string& text) { data += (data.empty() ? "" : "; ") + text; };
  const auto name = [&](const std::string& text) { return escape(text, space.text / 4); };
  if (!facts.touched.empty()) add("has read labels " + listed(facts.touched, space.items, name));
  if (facts.files_read_count > 0)
    add("files read: " + std::to_string(facts.files_read_count) + ", the latest " +
        escape(facts.files_read.empty() ? "" : facts.files_read.back(), space.text / 2));
  if (facts.bytes_sent > 0)
    add(std::to_string(facts.bytes_sent) + " bytes sent, to " +
        listed(facts.sent, space.items / 2,
               [](const SentTo& to) { return to_string(to.endpoint); }));
  return data.empty() ? "nothing labelled read, nothing sent" : data;
}

std::string precedent_of(const Precedent& precedent) {
  if (precedent.approved + precedent.denied == 0) return "never asked before";
  return "approved " + std::to_string(precedent.approved) + " times, denied " +
         std::to_string(precedent.denied) + " times" +
         (precedent.last ? ", last " + utc(*precedent.last) : "");
}

std::string scope_text(const Decision& decision) {
  if (decision.scope == Scope::once) return "this operation, once";
  std::string text = decision.scope == Scope::process ? "the same again of this process"
                                                      : "the same again of this workload";
  if (decision.grant_for.count() > 0) return text + ", for " + duration_text(decision.grant_for);
  return text + ", until it ends";
}

Literal consequence_of(const Ticket& ticket) {
  switch (ticket.outcome) {
    case Outcome::approved:
      if (ticket.flood) return {"The workload may raise more requests."};
      return ticket.cannot_wait_joined ? Literal{"It may be tried again now."}
                                       : Literal{"What waited went on."};
    case Outcome::denied:
    case Outcome::expired:
    case Outcome::no_approver:
      return ticket.flood ? Literal{"Further operations of the workload are denied."}
                          : Literal{"What waited was denied (EPERM)."};
    case Outcome::superseded:
      return {"What waited is judged anew."};
    default:
      return {"Nothing waits for it any more."};
  }
}

}  // namespace

Literal question_of(const Ticket& ticket) {
  if (ticket.flood) return {"Too many requests at once: may this workload raise more?"};
  switch (ticket.operation.kind) {
    case OperationKind::open:
      return {"Approval needed: open a file"};
    case OperationKind::create:
      return {"Approval needed: create a file"};
    case OperationKind::connect:
      return {"Approval needed: connect to a network address"};
    case OperationKind::send:
      return {"Approval needed: send to a network address"};
    case OperationKind::exec:
      return {"Approval needed: run a program"};
    case OperationKind::remove:
      return {"Approval needed: delete a file"};
    case OperationKind::rename:
      return {"Approval needed: rename a file"};
    case OperationKind::unix_socket:
      return {"Approval needed: use a local socket"};
  }
  return {"Approval needed"};
}

Literal ending_of(const Ticket& ticket) {
  switch (ticket.outcome) {
    case Outcome::approved:
      return {"Approved"};
    case Outcome::denied:
      return {"Denied"};
    case Outcome::expired:
      return {"Expired: nobody answered in time"};
    case Outcome::no_approver:
      return {"Denied: nobody could have answered"};
    case Outcome::cancelled:
      return {"Cancelled: nothing waits any more"};
    case Outcome::superseded:
      return {"Superseded: it is not the same any more"};
    case Outcome::open:
      break;
  }
  return {"Open"};
}

void add_operation_rows(json& body, const Ticket& ticket, const Space& space) {
  const Operation& operation = ticket.operation;
  const Evidence& facts = ticket.evidence;
  if (!ticket.flood)
    body.push_back(
        row({"Wants to"}, action_of(operation) + " " + object_of(operation, space), true));
  if (operation.kind == OperationKind::exec && !ticket.flood)
    body.push_back(row({"Command"},
                       command_line(operation.arguments, space) +
                           (operation.arguments_incomplete ? " [incomplete]" : ""),
                       true));
  body.push_back(row({"Workload"}, where_of(ticket, space), true));
  body.push_back(row({"Program"}, program_of(operation.caller, space), true));
  if (space.details && !operation.caller.ancestry.empty())
    body.push_back(row({"Started by"},
                       listed(operation.caller.ancestry, space.items / 2,
                              [&](const Ancestor& each) {
                                return escape(each.program, space.text / 2) + " [" +
                                       std::to_string(each.pid) + "]";
                              }),
                       true));
  body.push_back(row({"User"}, user_of(ticket, space)));
  body.push_back(
      row({"Rule"}, escape(ticket.rule, space.text) + ", policy " + escape(ticket.policy, 64)));
  if (facts.intent)
    body.push_back(row({"It claims"}, escape(facts.intent->text, space.text) + " (not verified)"));
  if (!space.details) return;
  body.push_back(row({"Data"}, data_of(facts, space)));
  body.push_back(row({"Before"}, precedent_of(facts.precedent)));
}

void add_waiting_rows(json& body, const Ticket& ticket, const Space& space) {
  if (ticket.joined > 1)
    body.push_back(row({"Attempts"}, "\u00d7" + std::to_string(ticket.joined) + ", " +
                                         std::to_string(ticket.holds.size()) + " waiting"));
  if (ticket.holds.empty() && !ticket.flood)
    body.push_back(row({"Waits"}, "no: it was refused, and may be tried again once approved"));
  body.push_back(row({"Since"}, utc(ticket.opened)));
  body.push_back(row({"Until"}, utc(ticket.deadline) + ", then it is denied"));
  if (ticket.quorum > 1)
    body.push_back(row({"Approvals"},
                       std::to_string(ticket.decisions.size()) + " of " +
                           std::to_string(ticket.quorum) + (ticket.decisions.empty() ? "" : ": ") +
                           listed(ticket.decisions, space.items,
                                  [](const Decision& each) { return escape(each.name, 64); })));
  if (!ticket.asked.empty())
    body.push_back(row({"Asked"}, listed(ticket.asked, space.items, [](const std::string& group) {
                         return escape(group, 64);
                       })));
}

void add_ending_rows(json& body, const Ticket& ticket, const Space& space) {
  const TimePoint closed = ticket.closed.value_or(ticket.deadline);
  if (const Decision* decision = final_decision(ticket)) {
    const std::string by = listed(ticket.decisions, space.items, [](const Decision& each) {
      return escape(each.name, 64) + (each.break_glass ? " (break-glass)" : "");
    });
    body.push_back(
        row({"By"}, (ticket.outcome == Outcome::denied ? escape(decision->name, 64) : by) + ", " +
                        escape(decision->channel, 64)));
    if (!decision->reason.empty())
      body.push_back(row({"Reason"}, escape(decision->reason, space.text)));
    if (ticket.outcome == Outcome::approved && !ticket.flood)
      body.push_back(row({"Allows"}, scope_text(*decision)));
  }
  body.push_back(row({"At"}, utc(closed)));
  body.push_back(
      row({"Held for"},
          duration_text(closed - ticket.opened) +
              (ticket.joined > 1 ? ", \u00d7" + std::to_string(ticket.joined) : std::string())));
  body.push_back(row({"Then"}, consequence_of(ticket).text));
}

}  // namespace stayd::teams
