// SPDX-License-Identifier: Apache-2.0
#include "presentation/sentences.h"

#include <algorithm>

#include "base/rfc3339.h"

namespace stayd {
namespace {

Shown two_digits(std::int64_t value) { return value < 10 ? "0" + number(value) : number(value); }

Shown in_brackets(const Escaped& name) { return name.empty() ? Shown() : " (" + Shown(name) + ")"; }

}  // namespace

Shown duration_text(std::chrono::milliseconds time) {
  const std::int64_t seconds = std::max<std::int64_t>(time.count(), 0) / 1000;
  if (seconds < 60) return number(seconds) + "s";
  if (seconds < 3600) return number(seconds / 60) + "m" + two_digits(seconds % 60) + "s";
  if (seconds < 86400) return number(seconds / 3600) + "h" + two_digits(seconds / 60 % 60) + "m";
  return number(seconds / 86400) + "d" + two_digits(seconds / 3600 % 24) + "h";
}

Shown utc_text(TimePoint time) {
  std::string text = rfc3339(time);
  text.resize(19);
  text[10] = ' ';
  return escape(Untrusted(std::move(text))) + " UTC";
}

Shown count_text(std::uint64_t count, Literal noun) {
  const Shown text = number(count) + " " + noun;
  return count == 1 ? text : text + "s";
}

Shown list_text(const std::vector<Escaped>& texts, std::size_t max) {
  return list_text(texts, max, [](const Escaped& each) { return Shown(each); });
}

Shown action_of(const TicketFacts& ticket) {
  if (!ticket.kind) return ticket.kind_word;
  switch (*ticket.kind) {
    case OperationKind::open:
      if (ticket.for_reading && ticket.for_writing) return Literal("open for reading and writing");
      if (ticket.for_writing) return Literal("open for writing");
      return ticket.for_reading ? Literal("open for reading") : Literal("open");
    case OperationKind::create:
      return Literal("create");
    case OperationKind::connect:
      return Literal("connect to");
    case OperationKind::send:
      return Literal("send to");
    case OperationKind::exec:
      return Literal("run");
    case OperationKind::remove:
      return Literal("delete");
    case OperationKind::rename:
      return Literal("rename");
    case OperationKind::unix_socket:
      return Literal("use the socket");
  }
  return ticket.kind_word;
}

Shown operation_text(const TicketFacts& ticket) {
  Shown text = action_of(ticket) + " " + ticket.object;
  if (!ticket.new_name.empty()) text += " to " + Shown(ticket.new_name);
  if (!ticket.linked_to.empty()) text += " as a hard link to " + Shown(ticket.linked_to);
  return text;
}

Shown command_line(const std::vector<Escaped>& arguments, std::size_t max, std::size_t more) {
  Shown line;
  const std::size_t shown = std::min(arguments.size(), max);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) line += " ";
    line += as_argument(arguments[i]);
  }
  more += arguments.size() - shown;
  if (more > 0) line += " [" + count_text(more, "more argument") + "]";
  return line;
}

Shown program_text(const TicketFacts& ticket) {
  const CallerFacts& caller = ticket.caller;
  Shown text = caller.program;
  if (text.empty()) {
    text = Literal("unknown program");
    if (!caller.comm.empty()) text += ", calls itself " + Shown(as_argument(caller.comm));
  }
  return text + " [" + number(caller.pid) + "]";
}

Shown user_text(const TicketFacts& ticket) {
  const CallerFacts& caller = ticket.caller;
  const bool named = ticket.evidence.has_value();
  Shown text = "uid " + number(caller.uid);
  if (named) text += in_brackets(ticket.evidence->user);
  text += ", gid " + number(caller.gid);
  if (!caller.login_uid) return text;
  text += ", logged in as uid " + number(*caller.login_uid);
  return named ? text + in_brackets(ticket.evidence->login_user) : text;
}

Shown ancestor_text(const CallerFacts::Ancestor& ancestor) {
  const Shown program = ancestor.program.empty() ? Shown("unknown program") : ancestor.program;
  return program + " [" + number(ancestor.pid) + "]";
}

Shown repeats_text(const TicketFacts& ticket, const DecisionFacts& decision) {
  if (decision.scope == Scope::once) return {};
  const bool wide = decision.scope > Scope::workload;
  Shown text = decision.scope == Scope::process ? Literal("repeats by this process")
                                                : Literal("repeats by this workload");
  if (wide) {
    text = Literal("more");
    for (const ScopeFacts& each : ticket.scopes)
      if (each.scope == decision.scope) text = Shown(each.lets_through) + ",";
  }
  if (decision.grant_for_s > 0)
    text += " for " + duration_text(std::chrono::seconds(decision.grant_for_s));
  else
    text += " until it ends";
  if (decision.uses > 0)
    text += ", at most " + count_text(static_cast<std::uint64_t>(decision.uses), "time");
  return text;
}

}  // namespace stayd
