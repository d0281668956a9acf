// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channels/terminal/keys.h"
#include "presentation/ticket_facts.h"

namespace stayd::terminal {

// The action that the person wants. The digest is that of the ticket as it was on the screen.
struct WatchAction {
  enum class Kind : std::uint8_t { approve, deny, quit };
  Kind kind = Kind::quit;
  std::uint64_t ticket = 0;
  std::string digest;
  std::chrono::seconds grant_for{0};
  std::string reason;
};

// The model behind `stayctl watch`: tickets and key presses in, a screen and actions out. No
// input or output, and time is an argument (Unix time in milliseconds).
//
// Nothing is answered by accident: the selection follows a ticket and not a row; when it had
// to move by itself, answers wait until a person can have seen it; and an answer key counts
// only if it came alone, so that pasted text answers nothing.
class WatchScreen {
 public:
  explicit WatchScreen(bool colour) : colour_(colour) {}

  // An array as the API lists it, in any order; those that are not tickets are left out.
  void set_tickets(const nlohmann::json& tickets, std::int64_t now_ms);

  // The result of the last answer, or what is wrong; stays until the next key.
  void set_message(std::string_view text, bool is_error);

  // The bytes of one read() of the terminal.
  std::optional<WatchAction> press(std::string_view bytes, std::int64_t now_ms);

  // At most `height` lines of at most `width` columns, each ended by a newline. Sizes below
  // 40 by 8 count as that.
  std::string frame(std::int64_t now_ms, int width, int height);

 private:
  enum class Mode : std::uint8_t { list, details, reason };

  std::optional<WatchAction> press_key(const Key& key, bool alone, std::int64_t now_ms);
  std::optional<WatchAction> press_in_reason(const Key& key);
  std::optional<WatchAction> answer(char key, std::int64_t now_ms);
  void move(int by);
  void keep_selection(std::int64_t now_ms);
  const TicketFacts* selected() const;
  std::size_t selected_row() const;

  std::string header(std::int64_t now_ms, std::size_t width) const;
  std::vector<std::string> body(std::int64_t now_ms, int width, std::size_t height);
  std::vector<std::string> list_body(std::int64_t now_ms, int width, std::size_t height) const;
  std::string message_line(std::size_t width) const;
  std::string hint_line(std::size_t width) const;

  bool colour_;
  Mode mode_ = Mode::list;
  std::vector<TicketFacts> tickets_;  // open ones, oldest first; then the last that ended
  std::uint64_t selected_ = 0;        // ticket; 0: none
  std::int64_t answers_from_ms_ = 0;
  std::size_t scroll_ = 0;  // first line of the details shown
  std::string message_;
  bool message_is_error_ = false;
  WatchAction denial_;  // what is being asked a reason for
};

}  // namespace stayd::terminal
