// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/escape.h"
#include "channels/terminal/text.h"
#include "channels/terminal/ticket_text.h"
#include "channels/terminal/watch_screen.h"
#include "presentation/sentences.h"

namespace stayd::terminal {

std::string WatchScreen::frame(std::int64_t now_ms, int width, int height) {
  width = std::clamp(width, 40, 400);
  const auto columns = static_cast<std::size_t>(width);
  const auto rows = static_cast<std::size_t>(std::clamp(height, 8, 1000));
  // Header, message and hints stay where they are whatever the tickets hold.
  std::vector<std::string> lines = body(now_ms, width, rows - 4);
  lines.resize(rows - 4);
  std::string text = header(now_ms, columns) + "\n\n";
  for (const std::string& line : lines) text += line + "\n";
  return text + message_line(columns) + "\n" + hint_line(columns) + "\n";
}

std::string WatchScreen::header(std::int64_t now_ms, std::size_t width) const {
  const auto first_closed =
      std::find_if(tickets_.begin(), tickets_.end(),
                   [](const TicketFacts& ticket) { return !ticket.is_open(); });
  const auto open = static_cast<std::size_t>(first_closed - tickets_.begin());
  std::uint64_t threads = 0;
  for (auto ticket = tickets_.begin(); ticket != first_closed; ++ticket) threads += ticket->waiting;
  Shown text("stayd: nothing is waiting");
  if (open != 0)
    text = "stayd: " + count_text(open, "ticket") + " open, " + count_text(threads, "thread") +
           " held, the oldest for " + duration_text(time_of(now_ms) - tickets_.front().opened);
  return styled(clip(text.str(), width), open == 0 ? Tone::dim : Tone::bold, colour_);
}

std::vector<std::string> WatchScreen::body(std::int64_t now_ms, int width, std::size_t height) {
  const TicketFacts* ticket = selected();
  if (mode_ != Mode::details || ticket == nullptr) return list_body(now_ms, width, height);
  std::vector<std::string> lines =
      card_lines(*ticket, time_of(now_ms), width, colour_, Detail::full, kUnbounded);
  const std::size_t furthest = lines.size() > height ? lines.size() - height : 0;
  scroll_ = std::min(scroll_, furthest);
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(scroll_));
  return lines;
}

std::vector<std::string> WatchScreen::list_body(std::int64_t now_ms, int width,
                                                std::size_t height) const {
  if (tickets_.empty()) {
    return {styled("  Operations held appear here.", Tone::dim, colour_)};
  }
  std::vector<std::string> lines{row_header(width, colour_)};
  const std::size_t rows = std::min(tickets_.size(), std::max<std::size_t>(height / 3, 2));
  const std::size_t at = selected_row();
  const std::size_t first = at < rows ? 0 : at - rows + 1;
  for (std::size_t i = first; i < first + rows; ++i) {
    lines.push_back(row(tickets_[i], time_of(now_ms), width, colour_, tickets_[i].id == selected_));
  }
  if (tickets_.size() > rows) {
    lines.push_back(styled("  rows " + std::to_string(first + 1) + " to " +
                               std::to_string(first + rows) + " of " +
                               std::to_string(tickets_.size()),
                           Tone::dim, colour_));
  }
  const TicketFacts* ticket = selected();
  if (ticket == nullptr || lines.size() + 2 > height) return lines;

  lines.emplace_back();
  const std::vector<std::string> card =
      card_lines(*ticket, time_of(now_ms), width, colour_, Detail::brief, height - lines.size());
  lines.insert(lines.end(), card.begin(), card.end());
  return lines;
}

std::string WatchScreen::message_line(std::size_t width) const {
  if (mode_ != Mode::reason) {
    return styled(clip(message_, width), message_is_error_ ? Tone::bad : Tone::good, colour_);
  }
  const std::string question = "Deny ticket " + std::to_string(denial_.ticket) + ", because: ";
  const std::string typed = escape(denial_.reason, kUnbounded);
  const std::size_t room = width - std::min(question.size() + 1, width - 1);
  const std::string shown = typed.size() > room ? typed.substr(typed.size() - room) : typed;
  return styled(question, Tone::bold, colour_) + shown + "_";
}

std::string WatchScreen::hint_line(std::size_t width) const {
  const char* hints = "a approve once  g approve for 15m  d deny  enter details  j/k move  q quit";
  if (mode_ == Mode::details)
    hints = "a approve once  g for 15m  d deny  j/k scroll  enter back  q quit";
  if (mode_ == Mode::reason) hints = "enter deny  esc go back";
  return styled(std::string(hints).substr(0, width), Tone::dim, colour_);
}

}  // namespace stayd::terminal
