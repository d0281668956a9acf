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

Shown waiting_text(const TicketFacts& ticket) {
  return count_text(ticket.waiting, ticket.pending ? Literal("connection") : Literal("thread")) +
         " waiting";
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
      if (ticket.flood) return "Further operations of the workload are denied.";
      return ticket.pending ? Literal("The connection failed with ECONNREFUSED.")
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
      const Shown repeats = repeats_text(decision);
      rows.row("Allows").line(
          {repeats.empty() ? Shown("this operation, once") : "this operation and " + repeats});
    }
  }
  const TimePoint closed = ticket.closed.value_or(ticket.deadline);
  rows.row("At").in_status().line({utc_text(closed)});
  Shown held = duration_text(closed - ticket.opened);
  if (ticket.attempts > 1) held += ", " + count_text(ticket.attempts, "attempt");
  rows.row(ticket.caller_left ? Literal("Open for") : Literal("Held for")).in_status().line({held});
  rows.row("Then").line({consequence_of(ticket)});
}

void add_operation(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  rows.row("Wants to");
  if (ticket.flood) {
    rows.line({Literal("raise more requests than may be open at once"), Level::needed,
               Emphasis::warning});
    rows.line({"the first that had no room: " + operation_text(ticket), Level::usual,
               Emphasis::plain, true});
  } else {
    rows.line({operation_text(ticket), Level::needed, Emphasis::plain, true});
  }
  if (ticket.is_open() && ticket.caller_left)
    rows.line({Literal("Nobody waits for the answer any more. If you approve, the next attempt "
                       "succeeds, once."),
               Level::needed, Emphasis::warning});
  else if (ticket.is_open() && !ticket.flood && (ticket.cannot_wait || ticket.waiting == 0))
    rows.line({Literal("This kind of call cannot be held, so it was denied. If you approve, the "
                       "next attempt succeeds."),
               Level::needed, Emphasis::warning});
  if (ticket.is_open() && !ticket.flood && ticket.pending && !ticket.caller_left)
    rows.line({Literal("The connection is pending; the program was not stopped."), Level::usual,
               Emphasis::minor});
  if (!ticket.inode.empty())
    rows.line({"device " + Shown(ticket.device) + ", inode " + ticket.inode, Level::thorough,
               Emphasis::minor});
  if (!ticket.syscall.empty()) {
    const Shown abi = ticket.abi.empty() ? Shown() : " (" + Shown(ticket.abi) + ")";
    rows.line({"by " + Shown(ticket.syscall) + abi, Level::thorough, Emphasis::minor});
  }
  rows.row("Command").line(
      {command_line(ticket.arguments, max * kMaxArgumentsPerItem, ticket.more_arguments),
       Level::needed, Emphasis::plain, true});
  if (ticket.arguments_incomplete)
    rows.line({Literal("and arguments that could not be shown"), Level::needed, Emphasis::warning});
}

void add_caller(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  const CallerFacts& caller = ticket.caller;
  Shown where = ticket.workload;
  if (ticket.evidence) {
    if (!ticket.evidence->host.empty()) where += ", host " + Shown(ticket.evidence->host);
    if (!ticket.evidence->unit.empty()) where += ", unit " + Shown(ticket.evidence->unit);
    if (!ticket.evidence->container.empty()) where += ", " + Shown(ticket.evidence->container);
  }
  rows.row("Workload").line({where, Level::needed, Emphasis::plain, true});
  rows.row("Program").line({program_text(ticket), Level::needed, Emphasis::plain, true});
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
  rows.row("User").line({user_text(ticket), Level::needed, Emphasis::minor});
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

void add_evidence(Rows& rows, const EvidenceFacts& facts, std::size_t max) {
  if (!facts.claim.empty())
    rows.row("It claims")
        .line({"\"" + Shown(facts.claim) + "\" (not verified)", Level::needed, Emphasis::warning});
  rows.row("Data");
  if (!facts.labels_read.empty())
    rows.line({"labels read: " + list_text(facts.labels_read, max), Level::usual});
  if (facts.files_read_count > 0) rows.line({files_text(facts, max), Level::usual});
  add_sent(rows, facts, std::max<std::size_t>(max / 2, 1));
  if (facts.labels_read.empty() && facts.files_read_count == 0 && facts.bytes_sent == 0)
    rows.line({Literal("nothing labelled read, nothing sent"), Level::usual});
  Shown before("never asked before");
  if (facts.approved_before + facts.denied_before > 0) {
    before = "approved " + count_text(facts.approved_before, "time") + ", denied " +
             count_text(facts.denied_before, "time");
    if (facts.answered_before) before += ", last " + utc_text(*facts.answered_before);
  }
  rows.row("Before").line({before, Level::usual, Emphasis::minor});
}

void add_waiting(Rows& rows, const TicketFacts& ticket, std::size_t max) {
  if (ticket.attempts > 1)
    rows.row("Attempts").in_status().line({number(ticket.attempts) + ", " + waiting_text(ticket)});
  rows.row("Since").in_status().line({utc_text(ticket.opened)});
  if (ticket.caller_left)
    rows.row("Until").in_status().line(
        {utc_text(ticket.lingers_until.value_or(ticket.deadline)) + ", then the question ends"});
  else
    rows.row("Until").in_status().line({utc_text(ticket.deadline) + ", then it is denied"});
  if (ticket.quorum > 1) {
    Shown approvals = number(ticket.approvals.size()) + " of " + number(ticket.quorum);
    if (!ticket.approvals.empty())
      approvals += ": " + list_text(ticket.approvals, max, approver_text);
    rows.row("Approvals").line({approvals});
  }
  rows.row("Asked").line({list_text(ticket.asked, max)});
}

// True if some of what is usually shown is not what a person would have typed: it may have been
// made to look like something else.
bool is_strange(const std::vector<Row>& rows) {
  const auto strange = [](const Line& line) {
    if (line.level == Level::thorough) return false;
    return line.text.str().find("\\u{") != std::string::npos ||
           line.text.str().find("\\x") != std::string::npos;
  };
  return std::ranges::any_of(
      rows, [&](const Row& row) { return std::ranges::any_of(row.lines, strange); });
}

}  // namespace

TicketPresentation present(const TicketFacts& ticket, std::size_t max_items) {
  Rows rows;
  rows.row("Class").line({ticket.rule_class});
  if (!ticket.is_open()) add_ending(rows, ticket, max_items);
  add_operation(rows, ticket, max_items);
  add_caller(rows, ticket, max_items);
  const Shown rule = ticket.rule.empty() ? Shown("the policy's default") : Shown(ticket.rule);
  rows.row("Rule").line({rule + ", policy " + ticket.policy});
  if (ticket.evidence) add_evidence(rows, *ticket.evidence, max_items);
  if (ticket.is_open()) add_waiting(rows, ticket, max_items);
  rows.row("So far");
  for (const TicketFacts::Event& each : ticket.history)
    rows.line({each.time + " " + each.what, Level::thorough, Emphasis::minor});
  rows.row("Digest").line({ticket.digest, Level::thorough, Emphasis::minor});
  std::vector<Row> all = rows.take();
  if (is_strange(all))
    all.push_back({"Note",
                   {{Literal("Some of this is not plain ASCII text and may look like something "
                             "else; it is shown escaped."),
                     Level::needed, Emphasis::warning}}});
  return {heading_of(ticket), std::move(all)};
}

Shown state_of(const TicketFacts& ticket) {
  if (!ticket.is_open()) return ticket.outcome_word;
  if (ticket.flood) return Literal("flood");
  if (ticket.caller_left) return Literal("caller left");
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
  if (ticket.caller_left)
    text += ", nobody has waited for " + duration_text(now - *ticket.caller_left);
  text += ", " + duration_text(ticket.lingers_until.value_or(ticket.deadline) - now) + " left";
  if (!ticket.is_for_next_attempt()) text += ", " + waiting_text(ticket);
  if (ticket.attempts > 1) text += ", " + count_text(ticket.attempts, "attempt");
  if (ticket.quorum > 1)
    text += ", " + number(ticket.approvals.size()) + " of " + number(ticket.quorum) + " approvals";
  return text;
}

Shown result_of(const TicketFacts& ticket) {
  if (ticket.outcome == Outcome::denied)
    return Shown(ticket.caller_left ? Literal("denied: the next attempt fails with EPERM")
                 : ticket.pending   ? Literal("denied: the connection fails with ECONNREFUSED")
                                    : Literal("denied: the operation fails with EPERM"));
  if (ticket.is_open())
    return "has " + number(ticket.approvals.size()) + " of " + number(ticket.quorum) +
           " approvals: it still waits";
  if (ticket.outcome != Outcome::approved) return "is now: " + Shown(ticket.outcome_word);
  if (ticket.flood) return Shown("approved: the workload may raise as many tickets more");
  Shown text(ticket.is_for_next_attempt() ? Literal("approved: the next attempt succeeds")
                                          : Literal("approved: the operation goes on"));
  const Shown repeats = ticket.decision ? repeats_text(*ticket.decision) : Shown();
  if (!repeats.empty()) text += ", and so do " + repeats;
  return text;
}

}  // namespace stayd
