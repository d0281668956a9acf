// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/watch_screen.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "channels/terminal/text.h"

namespace stayd::terminal {
namespace {

constexpr std::size_t kClosedShown = 5;
constexpr std::size_t kMaxReasonBytes = 1000;
constexpr std::chrono::seconds kGrant = std::chrono::minutes(15);
// Longer than it takes to press a key that was meant for the row before.
constexpr std::int64_t kLookMs = 700;

std::string without_last_character(std::string text) {
  const auto is_continuation = [](char c) { return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80; };
  while (!text.empty() && is_continuation(text.back())) text.pop_back();
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

void WatchScreen::set_tickets(const nlohmann::json& tickets, std::int64_t now_ms) {
  std::vector<TicketFacts> open;
  std::vector<TicketFacts> closed;
  if (tickets.is_array()) {
    for (const nlohmann::json& ticket : tickets) {
      TicketFacts facts = facts_of(ticket);
      if (facts.id == 0) continue;
      (facts.is_open() ? open : closed).push_back(std::move(facts));
    }
  }
  std::sort(open.begin(), open.end(),
            [](const TicketFacts& a, const TicketFacts& b) { return a.id < b.id; });
  std::sort(closed.begin(), closed.end(), [](const TicketFacts& a, const TicketFacts& b) {
    return std::pair(a.closed, a.id) > std::pair(b.closed, b.id);
  });
  if (closed.size() > kClosedShown) closed.resize(kClosedShown);
  const TicketFacts* before = selected();
  const bool was_open = before != nullptr && before->is_open();
  const bool had_open = !tickets_.empty() && tickets_.front().is_open();
  tickets_ = std::move(open);
  tickets_.insert(tickets_.end(), std::make_move_iterator(closed.begin()),
                  std::make_move_iterator(closed.end()));

  const TicketFacts* still = selected();
  const bool just_ended = was_open && still != nullptr && !still->is_open();
  const bool first_question = !had_open && !tickets_.empty() && tickets_.front().is_open();
  // Details stay on what is being read; a list goes on to the next question.
  if (still == nullptr || (mode_ != Mode::details && (just_ended || first_question))) {
    keep_selection(now_ms);
  }
}

// Selects the open ticket after the one that was selected, else the last open one, else
// whatever there is.
void WatchScreen::keep_selection(std::int64_t now_ms) {
  const std::uint64_t before = selected_;
  selected_ = tickets_.empty() ? 0 : tickets_.front().id;
  for (const TicketFacts& ticket : tickets_) {
    if (!ticket.is_open()) break;
    selected_ = ticket.id;
    if (ticket.id > before) break;
  }
  if (selected_ == before) return;
  answers_from_ms_ = now_ms + kLookMs;
  scroll_ = 0;
  if (mode_ == Mode::details) mode_ = Mode::list;
}

void WatchScreen::set_message(std::string_view text, bool is_error) {
  message_ = printable(text);
  message_is_error_ = is_error;
}

std::optional<WatchAction> WatchScreen::press(std::string_view bytes, std::int64_t now_ms) {
  const std::vector<Key> keys = keys_of(bytes);
  message_.clear();
  for (const Key& key : keys) {
    if (auto action = press_key(key, keys.size() == 1, now_ms)) return action;
  }
  return std::nullopt;
}

std::optional<WatchAction> WatchScreen::press_key(const Key& key, bool alone, std::int64_t now_ms) {
  if (mode_ == Mode::reason) return press_in_reason(key);
  switch (key.kind) {
    case Key::Kind::up:
      move(-1);
      break;
    case Key::Kind::down:
      move(1);
      break;
    case Key::Kind::enter:
      scroll_ = 0;
      mode_ = mode_ == Mode::list && selected() != nullptr ? Mode::details : Mode::list;
      break;
    case Key::Kind::escape:
    case Key::Kind::backspace:
      mode_ = Mode::list;
      break;
    case Key::Kind::character:
      if (key.character == 'j') move(1);
      if (key.character == 'k') move(-1);
      if (std::string_view("agdq").find(key.character) == std::string_view::npos) break;
      if (alone) return answer(key.character, now_ms);
      set_message("Several keys came at once: nothing was answered", true);
      break;
  }
  return std::nullopt;
}

std::optional<WatchAction> WatchScreen::answer(char key, std::int64_t now_ms) {
  if (key == 'q') return WatchAction{};
  const TicketFacts* ticket = selected();
  if (ticket == nullptr) {
    set_message("Nothing is waiting", true);
    return std::nullopt;
  }
  const std::string name = "Ticket " + std::to_string(ticket->id);
  if (!ticket->is_open()) {
    set_message(name + " has ended: " + ticket->outcome_word.str(), true);
    return std::nullopt;
  }
  if (now_ms < answers_from_ms_) {
    set_message("The selection has just moved to ticket " + std::to_string(ticket->id) +
                    ": look at it, then answer",
                true);
    return std::nullopt;
  }
  WatchAction action{WatchAction::Kind::approve, ticket->id, ticket->digest.str(),
                     key == 'g' ? kGrant : std::chrono::seconds(0), ""};
  if (key != 'd') {
    set_message("Approving ticket " + std::to_string(ticket->id) + " ...", false);
    return action;
  }
  action.kind = WatchAction::Kind::deny;
  denial_ = std::move(action);
  mode_ = Mode::reason;
  return std::nullopt;
}

std::optional<WatchAction> WatchScreen::press_in_reason(const Key& key) {
  std::string& reason = denial_.reason;
  switch (key.kind) {
    case Key::Kind::character:
      if (reason.size() < kMaxReasonBytes) reason += key.character;
      break;
    case Key::Kind::backspace:
      reason = without_last_character(std::move(reason));
      break;
    case Key::Kind::escape:
      mode_ = Mode::list;
      set_message("Not denied: ticket " + std::to_string(denial_.ticket) + " goes on waiting",
                  false);
      break;
    case Key::Kind::enter:
      if (reason.find_first_not_of(' ') == std::string::npos) break;
      mode_ = Mode::list;
      set_message("Denying ticket " + std::to_string(denial_.ticket) + " ...", false);
      return std::move(denial_);
    case Key::Kind::up:
    case Key::Kind::down:
      break;
  }
  return std::nullopt;
}

void WatchScreen::move(int by) {
  if (tickets_.empty()) return;
  if (mode_ == Mode::details) {
    if (by > 0 || scroll_ > 0) scroll_ = by > 0 ? scroll_ + 1 : scroll_ - 1;
    return;
  }
  const auto last = static_cast<std::ptrdiff_t>(tickets_.size()) - 1;
  const auto row = static_cast<std::ptrdiff_t>(selected_row()) + by;
  const std::uint64_t before = selected_;
  selected_ = tickets_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(row, 0, last))].id;
  // A row that a person chose may be answered at once.
  if (selected_ != before) answers_from_ms_ = 0;
}

const TicketFacts* WatchScreen::selected() const {
  const std::size_t row = selected_row();
  return row < tickets_.size() && tickets_[row].id == selected_ ? &tickets_[row] : nullptr;
}

std::size_t WatchScreen::selected_row() const {
  const auto found =
      std::find_if(tickets_.begin(), tickets_.end(),
                   [this](const TicketFacts& ticket) { return ticket.id == selected_; });
  return found == tickets_.end() ? 0 : static_cast<std::size_t>(found - tickets_.begin());
}

}  // namespace stayd::terminal
