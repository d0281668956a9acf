// SPDX-License-Identifier: Apache-2.0
#include "presentation/ticket_presentation.h"

#include <algorithm>

#include "presentation/sentences.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxArgumentsPerItem = 4;  // arguments are short, and one alone says little

// Collects rows; one without a line is left out.
class Rows {
 public:
  Rows& row(Literal label) {
    finish();
    rows_.push_back({label, {}});
    return *this;
  }
  Rows& in_status() {
    rows_.back().in_status = true;
    return *this;
  }
  // A line, and the time for the reader's zone.
  Rows& time(TimePoint time, const Shown& more = {}, Level level = Level::needed) {
    rows_.back().time = time;
    return line({utc_text(time) + more, level});
  }
  Rows& line(Line line) {
    if (!line.text.empty()) rows_.back().lines.push_back(std::move(line));
    return *this;
  }
  std::vector<Row> take() {
    finish();
    return std::move(rows_);
  }

 private:
  void finish() {
    if (!rows_.empty() && rows_.back().lines.empty()) rows_.pop_back();
  }

  std::vector<Row> rows_;
};

Literal heading_of(const TicketFacts& ticket) {
  if (ticket.outcome) switch (*ticket.outcome) {
      case Outcome::approved:
        return "Approved";
      case Outcome::denied:
        return "Denied";
      case Outcome::expired:
        return "Expired: nobody answered in time";
      case Outcome::no_approver:
        return "Denied: nobody could have answered";
      case Outcome::cancelled:
        return "Cancelled: the caller is gone";
      case Outcome::superseded:
        return "Superseded: the object or the policy changed";
      case Outcome::open:
        break;
    }
  if (!ticket.is_open()) return "Ended";
  if (ticket.flood) return "Too many requests at once: may this workload raise more?";
  if (!ticket.kind) return "Approval needed";
  switch (*ticket.kind) {
    case OperationKind::open:
      return "Approval needed: open a file";
    case OperationKind::create:
      return "Approval needed: create a file";
    case OperationKind::connect:
      return "Approval needed: connect to a network address";
    case OperationKind::send:
      return "Approval needed: send to a network address";
    case OperationKind::exec:
      return "Approval needed: run a program";
    case OperationKind::remove:
      return "Approval needed: delete a file";
    case OperationKind::rename:
      return "Approval needed: rename a file";
    case OperationKind::unix_socket:
      return "Approval needed: use a local socket";
  }
  return "Approval needed";
}

Shown word_of(Scope scope) {
  switch (scope) {
    case Scope::directory:
      return Literal("directory");
    case Scope::host:
      return Literal("host");
    case Scope::rule:
      return Literal("rule");
    default:
      return Literal("the same again");
  }
}

Literal consequence_of(const TicketFacts& ticket) {
  switch (ticket.outcome.value_or(Outcome::cancelled)) {
    case Outcome::approved:
      if (ticket.flood) return "The workload may raise more requests.";
      return ticket.is_for_next_attempt() ? Literal("The operation may be tried again now.")
                                          : Literal("The operation went on.");
    case Outcome::denied:
      if (ticket.caller_left && !ticket.flood)
        return "The next attempt is refused, too, until the question would have expired.";
      [[fallthrough]];
    case Outcome::expired:
    case Outcome::no_approver:
      if (ticket.caller_left) return "Nothing waits for an answer any more.";
      return ticket.flood ? Literal("Further operations of the workload are denied.")
                          : Literal("The operation failed with EPERM.");
    case Outcome::superseded:
      return "The operation is judged again.";
    default:
      return "Nothing waits for an answer any more.";
  }
}

Shown approver_text(const DecisionFacts& decision) {
  return decision.break_glass ? decision.person + " (break-glass)" : Shown(decision.person);
}

void add_ending(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  if (ticket.decision) {
    const DecisionFacts& decision = *ticket.decision;
    const bool approved = ticket.outcome == Outcome::approved && !ticket.approvals.empty();
    const Shown by =
        approved ? list_text(ticket.approvals, max, approver_text) : approver_text(decision);
    rows.row("By").line({by + ", " + decision.channel});
    rows.row("Reason").line({decision.reason});
    if (ticket.outcome == Outcome::approved && !ticket.flood) {
      const Shown repeats = repeats_text(ticket, decision);
      rows.row("Allows").line(
          {repeats.empty() ? Shown("this operation, once") : "this operation and " + repeats});
    }
  }
  const TimePoint closed = ticket.closed.value_or(ticket.deadline);
  rows.row("At").in_status().time(closed);
  Shown held = duration_text(closed - ticket.opened);
  if (ticket.attempts > 1) held += ", " + count_text(ticket.attempts, "attempt");
  rows.row(ticket.caller_left ? Literal("Open for") : Literal("Held for")).in_status().line({held});
  rows.row("Then").line({consequence_of(ticket)});
}

// Adds the names of the address. All addresses that have these names are one question.
void add_names(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  if (ticket.names.empty()) return;
  rows.line({"by the name " + list_text(ticket.names, max), Level::usual, Emphasis::plain, true});
  if (ticket.also.empty())
    rows.line(
        {Literal("its other addresses are part of this question"), Level::usual, Emphasis::minor});
  else
    rows.line({"also tried: " + list_text(ticket.also, max), Level::usual});
}

// Adds the scopes that may be approved besides, for a time; repeats of the same go without saying.
void add_scopes(Rows& rows, const TicketFacts& ticket) {
  rows.row("May allow");
  for (const ScopeFacts& each : ticket.scopes) {
    const bool wide = each.scope > Scope::workload;
    if (wide)
      rows.line(
          {word_of(each.scope) + ": " + each.lets_through, Level::usual, Emphasis::plain, true});
  }
}

// Adds what an approval does where it lets no thread go.
void add_note(Rows& rows, const TicketFacts& ticket) {
  if (!ticket.is_open()) return;
  rows.row("Note");
  if (ticket.flood)
    rows.line({"the first that had no room: " + operation_text(ticket), Level::needed,
               Emphasis::plain, true});
  else if (ticket.asked_ahead && ticket.caller_left)
    rows.line({Literal("Asked in advance: nothing waits. If you approve, the operation succeeds "
                       "once when it is tried."),
               Level::needed, Emphasis::warning});
  else if (ticket.caller_left)
    rows.line({Literal("Nobody waits for the answer any more. If you approve, the next attempt "
                       "succeeds, once."),
               Level::needed, Emphasis::warning});
  else if (ticket.cannot_wait || ticket.waiting == 0)
    rows.line({Literal("This kind of call cannot be held, so it was denied. If you approve, the "
                       "next attempt succeeds."),
               Level::needed, Emphasis::warning});
}

void add_command(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  rows.row("Command").line(
      {command_line(ticket.arguments, max * kMaxArgumentsPerItem, ticket.more_arguments),
       Level::needed, Emphasis::plain, true});
  if (ticket.arguments_incomplete)
    rows.line({Literal("and arguments that could not be shown"), Level::needed, Emphasis::warning});
}

void add_operation(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  rows.row("Operation").line({operation_text(ticket), Level::usual, Emphasis::plain, true});
  add_names(rows, ticket, max);
  if (!ticket.inode.empty())
    rows.line({"device " + Shown(ticket.device) + ", inode " + ticket.inode, Level::thorough,
               Emphasis::minor});
  if (!ticket.syscall.empty()) {
    const Shown abi = ticket.abi.empty() ? Shown() : " (" + Shown(ticket.abi) + ")";
    rows.line({"by " + Shown(ticket.syscall) + abi, Level::thorough, Emphasis::minor});
  }
}

void add_caller(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  const CallerFacts& caller = ticket.caller;
  Shown where = ticket.workload;
  if (ticket.evidence) {
    if (!ticket.evidence->host.empty()) where += ", host " + Shown(ticket.evidence->host);
    if (!ticket.evidence->unit.empty()) where += ", unit " + Shown(ticket.evidence->unit);
    if (!ticket.evidence->container.empty()) where += ", " + Shown(ticket.evidence->container);
  }
  rows.row("Workload").line({where, Level::usual, Emphasis::plain, true});
  rows.row("Program").line({program_text(ticket), Level::usual, Emphasis::plain, true});
  rows.line({"thread " + number(caller.thread) + ", calls itself " + as_argument(caller.comm),
             Level::thorough, Emphasis::minor, true});
  if (!caller.cgroup.empty())
    rows.line({"cgroup " + Shown(caller.cgroup), Level::thorough, Emphasis::minor, true});
  const std::size_t most = std::max<std::size_t>(max / 2, 1);
  rows.row("Started by")
      .line({list_text(caller.ancestry, most, ancestor_text), Level::usual, Emphasis::plain, true});
  for (const CallerFacts::Ancestor& each : caller.ancestry)
    if (!each.arguments.empty())
      rows.line({number(each.pid) + " as " + command_line(each.arguments, max), Level::thorough,
                 Emphasis::minor, true});
  rows.row("User").line({user_text(ticket), Level::usual, Emphasis::minor});
}

Shown files_text(const EvidenceFacts& facts, std::size_t max) {
  const std::size_t shown = std::min(facts.files_read.size(), max);
  const std::vector<Escaped> latest(facts.files_read.end() - static_cast<std::ptrdiff_t>(shown),
                                    facts.files_read.end());
  const Shown text = "files read: " + list_text(latest, shown);
  if (facts.files_read_count <= shown) return text;
  return text + ", and " + number(facts.files_read_count - shown) + " before";
}

// The largest first; what is left of the sum went elsewhere.
void add_sent(Rows& rows, const EvidenceFacts& facts, std::size_t max) {
  std::uint64_t elsewhere = facts.bytes_sent;
  const std::size_t shown = std::min(facts.sent.size(), max);
  for (std::size_t i = 0; i < shown; ++i) {
    const EvidenceFacts::Sent& each = facts.sent[i];
    elsewhere -= std::min(each.bytes, elsewhere);
    Shown text = "sent: " + count_text(each.bytes, "byte") + " to " + each.to;
    if (!each.names.empty()) text += " (" + list_text(each.names, max) + ")";
    rows.line({text, Level::usual});
  }
  if (elsewhere == 0) return;
  const Shown rest = "sent: " + count_text(elsewhere, "byte");
  rows.line({shown == 0 ? rest : rest + " to others", Level::usual});
}

// Adds the workload's own words about it.
void add_its_words(Rows& rows, const TicketFacts& ticket) {
  if (!ticket.stated_reason.empty())
    rows.row("It says").line(
        {"\"" + Shown(ticket.stated_reason) + "\" (its own words, not verified)", Level::needed,
         Emphasis::warning});
  if (ticket.evidence && !ticket.evidence->claim.empty())
    rows.row("It claims")
        .line({"\"" + Shown(ticket.evidence->claim) + "\" (its own words, not verified)",
               Level::needed, Emphasis::warning});
}

// With what data it asks.
void add_data(Rows& rows, const EvidenceFacts& facts, std::size_t max) {
  rows.row("Data");
  if (!facts.labels_read.empty())
    rows.line({"labels read: " + list_text(facts.labels_read, max), Level::needed});
  if (facts.files_read_count > 0) rows.line({files_text(facts, max), Level::usual});
  add_sent(rows, facts, std::max<std::size_t>(max / 2, 1));
  if (facts.labels_read.empty() && facts.files_read_count == 0 && facts.bytes_sent == 0)
    rows.line({Literal("nothing labelled read, nothing sent"), Level::usual});
}

// Says how people answered such operations before.
void add_precedent(Rows& rows, const EvidenceFacts& facts) {
  Shown before;
  if (facts.approved_before > 0) before = "approved " + count_text(facts.approved_before, "time");
  if (facts.denied_before > 0) {
    const Shown denied = "denied " + count_text(facts.denied_before, "time");
    before = before.empty() ? denied : before + ", " + denied;
  }
  if (before.empty())
    before = Literal("never asked before");
  else if (facts.answered_before)
    before += ", last " + utc_text(*facts.answered_before);
  rows.row("Before").line({before, Level::usual, Emphasis::minor});
}

void add_waiting(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  rows.row("Until").in_status().time(ticket.answerable_until(),
                                     Shown(ticket.caller_left ? Literal(", then the question ends")
                                                              : Literal(", then it is denied")));
  if (ticket.quorum > 1) {
    Shown approvals = number(ticket.approvals.size()) + " of " + number(ticket.quorum);
    if (!ticket.approvals.empty())
      approvals += ": " + list_text(ticket.approvals, max, approver_text);
    rows.row("Approvals").line({approvals});
  }
  rows.row("Since").in_status().time(ticket.opened, {}, Level::usual);
  if (ticket.attempts > 1)
    rows.row("Attempts")
        .in_status()
        .line({number(ticket.attempts) + ", " + count_text(ticket.waiting, "thread") + " waiting",
               Level::usual});
  rows.row("Asked").line({list_text(ticket.asked, max), Level::usual});
  add_scopes(rows, ticket);
}

// True if some of what is usually shown is not what a person would have typed: it may have been
// made to look like something else.
bool is_strange(const Shown& sentence, const std::vector<Row>& rows) {
  const auto is_escaped = [](const Shown& text) {
    return text.str().find("\\u{") != std::string::npos ||
           text.str().find("\\x") != std::string::npos;
  };
  const auto strange = [&](const Line& line) {
    return line.level != Level::thorough && is_escaped(line.text);
  };
  return is_escaped(sentence) || std::ranges::any_of(rows, [&](const Row& row) {
           return std::ranges::any_of(row.lines, strange);
         });
}

}  // namespace

TicketPresentation present(const TicketFacts& ticket, std::size_t max_items) {
  Rows rows;
  rows.row("Class").line({ticket.rule_class});
  if (!ticket.is_open()) add_ending(rows, ticket, max_items);
  add_command(rows, ticket, max_items);
  add_note(rows, ticket);
  add_its_words(rows, ticket);
  if (ticket.evidence) add_data(rows, *ticket.evidence, max_items);
  rows.row("After this");
  if (ticket.is_open())
    for (const Escaped& each : ticket.sets_off) rows.line({each, Level::needed, Emphasis::warning});
  if (ticket.is_open()) add_waiting(rows, ticket, max_items);
  add_operation(rows, ticket, max_items);
  add_caller(rows, ticket, max_items);
  const Shown rule = ticket.rule.empty() ? Shown("the policy's default") : Shown(ticket.rule);
  rows.row("Rule").line({rule + ", policy " + ticket.policy, Level::usual});
  if (ticket.evidence) add_precedent(rows, *ticket.evidence);
  rows.row("So far");
  for (const TicketFacts::Event& each : ticket.history)
    rows.line({each.time + " " + each.what, Level::thorough, Emphasis::minor});
  rows.row("Digest").line({ticket.digest, Level::thorough, Emphasis::minor});
  TicketPresentation presented{heading_of(ticket), sentence_of(ticket), rows.take()};
  if (is_strange(presented.sentence, presented.rows))
    presented.rows.insert(
        presented.rows.begin(),
        {"Beware",
         {{Literal("Some of this is not plain ASCII text and may look like something else; it is "
                   "shown escaped."),
           Level::needed, Emphasis::warning}}});
  return presented;
}

Shown state_of(const TicketFacts& ticket) {
  if (!ticket.is_open()) return ticket.outcome_word;
  if (ticket.flood) return Literal("flood");
  if (ticket.caller_left)
    return ticket.asked_ahead ? Literal("asked ahead") : Literal("caller left");
  return ticket.cannot_wait ? Literal("cannot wait") : Literal("open");
}

Shown status_of(const TicketFacts& ticket, TimePoint now) {
  if (!ticket.is_open()) {
    const TimePoint closed = ticket.closed.value_or(now);
    const Shown text = "ended after " + duration_text(closed - ticket.opened);
    return ticket.closed ? text + ", " + duration_text(now - closed) + " ago" : text;
  }
  const Shown age = duration_text(now - ticket.opened);
  Shown text = ticket.is_for_next_attempt() ? "asked " + age + " ago" : "held " + age;
  if (ticket.caller_left && !ticket.asked_ahead)
    text += ", nobody has waited for " + duration_text(now - *ticket.caller_left);
  text += ", " + duration_text(ticket.answerable_until() - now) + " left";
  if (!ticket.is_for_next_attempt())
    text += ", " + count_text(ticket.waiting, "thread") + " waiting";
  if (ticket.attempts > 1) text += ", " + count_text(ticket.attempts, "attempt");
  if (ticket.quorum > 1)
    text += ", " + number(ticket.approvals.size()) + " of " + number(ticket.quorum) + " approvals";
  return text;
}

Shown result_of(const TicketFacts& ticket) {
  if (ticket.outcome == Outcome::denied)
    return Shown(ticket.caller_left ? Literal("denied: the next attempt fails with EPERM")
                                    : Literal("denied: the operation fails with EPERM"));
  if (ticket.is_open())
    return "has " + number(ticket.approvals.size()) + " of " + number(ticket.quorum) +
           " approvals: it still waits";
  if (ticket.outcome != Outcome::approved) return "is now: " + Shown(ticket.outcome_word);
  if (ticket.flood) return Shown("approved: the workload may raise as many tickets more");
  Shown text(ticket.is_for_next_attempt() ? Literal("approved: the next attempt succeeds")
                                          : Literal("approved: the operation goes on"));
  const Shown repeats = ticket.decision ? repeats_text(ticket, *ticket.decision) : Shown();
  if (!repeats.empty()) text += ", and so do " + repeats;
  return text;
}

}  // namespace stayd
