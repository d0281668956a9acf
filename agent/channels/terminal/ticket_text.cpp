// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/ticket_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "channels/terminal/text.h"
#include "presentation/sentences.h"
#include "presentation/ticket_presentation.h"

namespace stayd::terminal {
namespace {

constexpr std::size_t kMaxItems = 1000;  // of each list; stayd sends fewer

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

Tone outcome_tone(const TicketFacts& ticket) {
  if (ticket.is_open()) return Tone::warning;
  if (ticket.outcome == Outcome::approved) return Tone::good;
  if (ticket.outcome == Outcome::denied) return Tone::bad;
  return Tone::dim;
}

Tone tone_of(Emphasis emphasis) {
  if (emphasis == Emphasis::warning) return Tone::warning;
  return emphasis == Emphasis::minor ? Tone::dim : Tone::plain;
}

std::string caller_text(const CallerFacts& caller) {
  const Escaped name = caller.program.empty() ? caller.comm : base_name(caller.program);
  return name.str() + "[" + std::to_string(caller.pid) + "]";
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

  void title(const Shown& text, Tone tone) {
    for (const std::string& line : wrap(text.str(), width_))
      lines_.push_back(styled(line, tone, colour_));
  }
  void row(const Row& row, Level from, Level to) {
    std::string margin = styled(fit(row.label.text, kMargin), Tone::bold, colour_);
    for (const Line& each : row.lines) {
      if (each.level < from || each.level > to) continue;
      for (const std::string& line : wrap(each.text.str(), width_ - kMargin)) {
        lines_.push_back(margin + styled(line, tone_of(each.emphasis), colour_));
        margin = std::string(kMargin, ' ');
      }
    }
  }
  std::size_t size() const { return lines_.size(); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  static constexpr std::size_t kMargin = 11;

  std::size_t width_;
  bool colour_;
  std::vector<std::string> lines_;
};

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

// The lines that are needed for an answer come last, and the question at the very end, where the
// prompt and the eye are.
std::vector<std::string> card_lines(const TicketFacts& ticket, TimePoint now, int width,
                                    bool colour, Detail detail, std::size_t room) {
  const TicketPresentation presented = present(ticket, kMaxItems);
  Card card(bounded(width), colour);
  card.title(
      "Ticket " + number(ticket.id) + "  " + state_of(ticket) + "  " + status_of(ticket, now),
      ticket.is_open() ? Tone::bold : outcome_tone(ticket));
  const bool brief = detail == Detail::brief;
  const std::size_t title = card.size();
  for (const Row& row : presented.rows)
    if (!brief || !row.in_status)
      card.row(row, Level::usual, brief ? Level::usual : Level::thorough);
  for (const Row& row : presented.rows)
    if (!brief || !row.in_status) card.row(row, Level::needed, Level::needed);
  const std::size_t question = card.size();
  card.row({"In short", {{presented.sentence}}}, Level::needed, Level::needed);
  std::vector<std::string> lines = card.take();
  if (lines.size() <= room || room <= title + 1) return lines;
  // Of a question that has no room by itself, the beginning stays.
  const std::size_t hidden = lines.size() - room + 1;
  const std::size_t before = std::min(hidden, question - title);
  lines.resize(lines.size() - (hidden - before));
  const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(title);
  lines.erase(begin, begin + static_cast<std::ptrdiff_t>(before));
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(title),
               styled(("... " + count_text(hidden, "more line")).str(), Tone::warning, colour));
  return lines;
}

std::string row(const TicketFacts& ticket, TimePoint now, int width, bool colour, bool selected) {
  const std::size_t columns_width = bounded(width);
  const Columns columns = columns_for(columns_width);
  const Shown command = command_line(ticket.arguments, kMaxItems);
  const std::string object =
      command.empty() ? ticket.object.str() : ticket.object.str() + "  " + command.str();
  const Shown age = duration_text(ticket.closed.value_or(now) - ticket.opened);
  const std::string left =
      std::string(selected ? ">" : " ") +
      join_columns(columns, std::to_string(ticket.id), age.str(), ticket.kind_word.str(), object,
                   caller_text(ticket.caller), base_name(ticket.workload).str());
  const std::string outcome = fit(state_of(ticket).str(), columns.outcome);
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

std::string ticket_card(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour,
                        Detail detail) {
  const std::size_t room = detail == Detail::brief ? kMaxBriefLines : kMaxItems;
  return joined_lines(card_lines(facts_of(ticket), time_of(now_ms), width, colour, detail, room));
}

std::string ticket_line(const nlohmann::json& ticket, std::int64_t now_ms, int width, bool colour) {
  return row(facts_of(ticket), time_of(now_ms), width, colour, false) + "\n";
}

std::string ticket_line_header(int width, bool colour) { return row_header(width, colour) + "\n"; }

}  // namespace stayd::terminal
