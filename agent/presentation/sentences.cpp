// SPDX-License-Identifier: Apache-2.0
#include "presentation/sentences.h"

#include <algorithm>

#include "base/rfc3339.h"

namespace stayd {
namespace {

Shown two_digits(std::int64_t value) { return value < 10 ? "0" + number(value) : number(value); }

Shown in_brackets(const Escaped& name) { return name.empty() ? Shown() : " (" + Shown(name) + ")"; }

struct Repeated {
  Escaped argument;
  std::size_t times = 1;
};

// Nothing repeats across `middle`, where some may be missing.
std::vector<Repeated> repeats_of(const std::vector<Escaped>& arguments, std::size_t middle) {
  std::vector<Repeated> all;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0 && i != middle && arguments[i].str() == arguments[i - 1].str())
      ++all.back().times;
    else
      all.push_back({arguments[i]});
  }
  return all;
}

Shown text_of(const Repeated& each) {
  const Shown text = as_argument(each.argument);
  return each.times == 1 ? text : text + " [" + count_text(each.times, "time") + "]";
}

// "python3.11 in agent.service"
Shown who_text(const TicketFacts& ticket) {
  const CallerFacts& caller = ticket.caller;
  Shown who = base_name(caller.program);
  if (who.empty() && !caller.comm.empty())
    who = "A program that calls itself " + Shown(as_argument(caller.comm));
  if (who.empty()) who = Literal("An unknown program");
  Shown where = base_name(ticket.workload);
  if (ticket.evidence && !ticket.evidence->unit.empty()) where = ticket.evidence->unit;
  if (ticket.evidence && !ticket.evidence->container.empty())
    where = "container " + Shown(ticket.evidence->container);
  return where.empty() ? who : who + " in " + where;
}

// "read /srv/x", "connect to files.example.org (192.0.2.7:443/tcp)"
Shown wish_text(const TicketFacts& ticket) {
  constexpr std::size_t kMaxNames = 2;
  if (ticket.flood) return Literal("ask for more at once than may be open");
  if (ticket.kind == OperationKind::open && (ticket.for_reading || ticket.for_writing)) {
    const Literal verb = !ticket.for_writing   ? Literal("read ")
                         : !ticket.for_reading ? Literal("write to ")
                                               : Literal("read and write ");
    return verb + ticket.object;
  }
  if (!ticket.names.empty())
    return action_of(ticket) + " " + list_text(ticket.names, kMaxNames) + " (" + ticket.object +
           ")";
  return operation_text(ticket);
}

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

Shown sentence_of(const TicketFacts& ticket) {
  const Literal wants = ticket.is_open() ? Literal(" wants to ") : Literal(" wanted to ");
  Shown text = who_text(ticket) + wants + wish_text(ticket);
  if (!ticket.called.empty())
    text += ", which it calls " + list_text(ticket.called, 2) + " (not verified)";
  return text + ".";
}

Shown operation_text(const TicketFacts& ticket) {
  Shown text = action_of(ticket) + " " + ticket.object;
  if (!ticket.new_name.empty()) text += " to " + Shown(ticket.new_name);
  if (!ticket.linked_to.empty()) text += " as a hard link to " + Shown(ticket.linked_to);
  return text;
}

Shown command_line(const std::vector<Escaped>& arguments, std::size_t max, std::size_t more) {
  const std::vector<Repeated> all = repeats_of(arguments, more > 0 ? arguments.size() / 2 : 0);
  const std::size_t tail = all.size() > max || more > 0 ? std::min(max, all.size()) / 2 : 0;
  const std::size_t head = std::min(max, all.size()) - tail;
  Shown line;
  const auto add = [&line](const Shown& text) { line += line.empty() ? text : " " + text; };
  for (std::size_t i = 0; i < head; ++i) add(text_of(all[i]));
  for (std::size_t i = head; i + tail < all.size(); ++i) more += all[i].times;
  if (more > 0) add("[" + count_text(more, "argument") + " left out]");
  for (std::size_t i = all.size() - tail; i < all.size(); ++i) add(text_of(all[i]));
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
