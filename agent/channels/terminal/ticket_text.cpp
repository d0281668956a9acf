// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/ticket_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "channels/terminal/text.h"

namespace stayd::terminal {
namespace {

std::size_t bounded(int width) { return static_cast<std::size_t>(std::clamp(width, 40, 400)); }

struct Columns {
  std::size_t id = 6;
  std::size_t age = 7;
  std::size_t kind = 8;
  std::size_t outcome = 11;
  std::size_t object = 0;
  std::size_t caller = 0;
  std::size_t workload = 0;
};

// Narrow screens do without the workload, and then without the caller.
Columns columns_for(std::size_t width) {
  Columns columns;
  constexpr std::size_t kMarkerAndGaps = 1 + 4;
  const std::size_t fixed =
      columns.id + columns.age + columns.kind + columns.outcome + kMarkerAndGaps;
  const std::size_t rest = width - std::min(width, fixed);
  if (rest >= 60) columns.workload = rest / 4;
  if (rest >= 30) columns.caller = rest * 3 / 10;
  columns.object = rest - columns.workload - columns.caller;
  if (columns.workload > 0) --columns.object;  // its gap
  if (columns.caller > 0) --columns.object;
  return columns;
}

std::string outcome_text(const TicketView& ticket) {
  if (!ticket.is_open()) return ticket.outcome;
  if (ticket.flood) return "flood";
  return ticket.cannot_wait ? "cannot wait" : "open";
}

Tone outcome_tone(const TicketView& ticket) {
  if (ticket.is_open()) return Tone::warning;
  if (ticket.outcome == "approved") return Tone::good;
  if (ticket.outcome == "denied") return Tone::bad;
  return Tone::dim;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string caller_text(const TicketView& ticket) {
  const std::string name = ticket.program.empty() ? ticket.comm : base_name(ticket.program);
  return name + "[" + std::to_string(ticket.pid) + "]";
}

std::int64_t age_ms(const TicketView& ticket, std::int64_t now_ms) {
  return ticket.closed_ms.value_or(now_ms) - ticket.opened_ms;
}

std::string join_columns(const Columns& columns, const std::string& id, const std::string& age,
                         const std::string& kind, const std::string& object,
                         const std::string& caller, const std::string& workload) {
  std::string line = id.size() < columns.id ? std::string(columns.id - id.size(), ' ') + id : id;
  line += ' ' + fit(age, columns.age) + ' ' + fit(kind, columns.kind) + ' ' +
          fit(object, columns.object);
  if (columns.caller > 0) line += ' ' + fit(caller, columns.caller);
  if (columns.workload > 0) line += ' ' + fit(workload, columns.workload);
  return line + ' ';
}

// Labels own the first columns: what a workload chose always starts to the right of them,
// so it cannot look like a line of the card.
class Card {
 public:
  Card(std::size_t width, bool colour) : width_(width), colour_(colour) {}

  void title(const std::string& text, Tone tone) {
    for (const std::string& line : wrap(text, width_)) add(line, tone);
  }
  void field(const std::string& label, const std::string& text, Tone tone = Tone::plain) {
    if (text.empty()) return;
    std::string margin = styled(fit(label, kMargin), Tone::bold, colour_);
    for (const std::string& line : wrap(text, width_ - kMargin)) {
      lines_.push_back(margin + styled(line, tone, colour_));
      margin = std::string(kMargin, ' ');
    }
  }
  void more(const std::string& text, Tone tone = Tone::plain) { field("", text, tone); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  static constexpr std::size_t kMargin = 7;

  void add(const std::string& line, Tone tone) { lines_.push_back(styled(line, tone, colour_)); }

  std::size_t width_;
  bool colour_;
  std::vector<std::string> lines_;
};

std::string waiting_text(const TicketView& ticket, std::int64_t now_ms) {
  const std::string age = duration_text(age_ms(ticket, now_ms));
  if (!ticket.is_open()) return "ended after " + age;
  std::string text = ticket.cannot_wait ? "asked " + age + " ago" : "held " + age;
  text += ", " + duration_text(ticket.deadline_ms - now_ms) + " left";
  if (!ticket.cannot_wait) text += ", " + count_text(ticket.waiting, "thread") + " waiting";
  if (ticket.joined > 1) text += ", " + count_text(ticket.joined, "attempt");
  if (ticket.quorum > 1)
    text += ", " + std::to_string(ticket.approvals) + " of " + std::to_string(ticket.quorum) +
            " approvals";
  return text;
}

void add_what(Card& card, const TicketView& ticket, Detail detail) {
  if (ticket.flood) {
    card.field("What", "may raise more tickets than it has open; the first that had no room:",
               Tone::warning);
    card.more(ticket.action + " " + ticket.object);
  } else {
    card.field("What", ticket.action + " " + ticket.object);
  }
  if (!ticket.command.empty()) card.more("as " + ticket.command);
  if (ticket.command_incomplete) card.more("and arguments that could not be shown", Tone::warning);
  if (ticket.cannot_wait) {
    card.more(
        "It came by a road that cannot wait and was denied. An approval lets the next try through.",
        Tone::warning);
  }
  if (detail == Detail::brief) return;
  card.more(ticket.identity, Tone::dim);
  if (!ticket.syscall.empty()) card.more("by " + ticket.syscall, Tone::dim);
}

void add_who(Card& card, const TicketView& ticket, Detail detail) {
  const std::string program = ticket.program.empty() ? "unknown program" : ticket.program;
  card.field("Who", program + " [" + std::to_string(ticket.pid) + "]");
  card.more(ticket.user, Tone::dim);
  if (!ticket.where.empty()) card.more(ticket.where, Tone::dim);
  if (detail == Detail::full) {
    card.more(
        "thread " + std::to_string(ticket.thread) + ", calls itself " + in_quotes(ticket.comm),
        Tone::dim);
    if (!ticket.cgroup.empty()) card.more("cgroup " + ticket.cgroup, Tone::dim);
  }
  const std::size_t shown = detail == Detail::full
                                ? ticket.ancestry.size()
                                : std::min<std::size_t>(ticket.ancestry.size(), 1);
  for (std::size_t i = 0; i < shown; ++i) card.more("from " + ticket.ancestry[i], Tone::dim);
}

// What the workload says stands in quotes, and is called a claim.
void add_why(Card& card, const TicketView& ticket, Detail detail) {
  card.field("Why", ticket.rule.empty() ? "the policy's default" : ticket.rule);
  card.more("policy " + ticket.policy + ", workload " + ticket.workload, Tone::dim);
  if (!ticket.intent.empty()) card.more("it claims: \"" + ticket.intent + "\"", Tone::warning);
  if (!ticket.precedent.empty()) card.more(ticket.precedent, Tone::dim);
  std::string label = "Data";
  for (const std::string& line : ticket.data) {
    card.field(label, line);
    label.clear();
  }
  if (detail == Detail::brief) return;
  if (!ticket.asked.empty()) {
    std::string asked;
    for (const std::string& group : ticket.asked) asked += (asked.empty() ? "" : ", ") + group;
    card.field("Asked", asked);
  }
  label = "So far";
  for (const std::string& line : ticket.history) {
    card.field(label, line, Tone::dim);
    label.clear();
  }
}

void add_end(Card& card, const TicketView& ticket, std::int64_t now_ms) {
  if (ticket.is_open()) return;
  std::string text = ticket.outcome;
  if (ticket.decision) {
    text += " by " + ticket.decision->person + " (" + ticket.decision->channel + ")";
    if (ticket.decision->break_glass) text += ", BREAK-GLASS";
  }
  if (ticket.closed_ms) text += ", " + duration_text(now_ms - *ticket.closed_ms) + " ago";
  card.field("Ended", text, outcome_tone(ticket));
  if (!ticket.decision) return;
  const std::string grant = grant_text(*ticket.decision);
  if (!grant.empty()) card.more("the operation goes on" + grant);
  if (!ticket.decision->reason.empty()) card.more("because: " + ticket.decision->reason);
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

std::vector<std::string> card_lines(const TicketView& ticket, std::int64_t now_ms, int width,
                                    bool colour, Detail detail) {
  Card card(bounded(width), colour);
  card.title("Ticket " + std::to_string(ticket.id) + "  " + outcome_text(ticket) + "  " +
                 waiting_text(ticket, now_ms),
             ticket.is_open() ? Tone::bold : outcome_tone(ticket));
  add_what(card, ticket, detail);
  add_who(card, ticket, detail);
  add_why(card, ticket, detail);
  add_end(card, ticket, now_ms);
  if (detail == Detail::full) card.field("Digest", ticket.digest, Tone::dim);
  return card.take();
}

std::string row(const TicketView& ticket, std::int64_t now_ms, int width, bool colour,
                bool selected) {
  const std::size_t columns_width = bounded(width);
  const Columns columns = columns_for(columns_width);
  const std::string object =
      ticket.command.empty() ? ticket.object : ticket.object + "  " + ticket.command;
  const std::string left =
      std::string(selected ? ">" : " ") +
      join_columns(columns, std::to_string(ticket.id), duration_text(age_ms(ticket, now_ms)),
                   ticket.kind, object, caller_text(ticket), base_name(ticket.workload));
  const std::string outcome = fit(outcome_text(ticket), columns.outcome);
  if (selected && colour) return styled(left + outcome, Tone::selected, true);
  return styled(left, ticket.is_open() ? Tone::plain : Tone::dim, colour) +
         styled(outcome, outcome_tone(ticket), colour);
}

std::string row_header(int width, bool colour) {
  const std::size_t columns_width = bounded(width);
  const Columns columns = columns_for(columns_width);
  const std::string line =
      std::string(" ") +
      join_columns(columns, "TICKET", "AGE", "ACTION", "OBJECT", "PROGRAM", "WORKLOAD") +
      fit("OUTCOME", columns.outcome);
  return styled(line, Tone::dim, colour);
}

std::string ticket_card(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour) {
  return joined_lines(card_lines(view_of(ticket), now_ms, width, colour, Detail::full));
}

std::string ticket_line(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour) {
  return row(view_of(ticket), now_ms, width, colour, false) + "\n";
}

std::string ticket_line_header(int width, bool colour) { return row_header(width, colour) + "\n"; }

}  // namespace stayd::terminal
