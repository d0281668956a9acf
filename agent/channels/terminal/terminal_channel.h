// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "channels/channel.h"

namespace stayd {

// stayctl, which asks for the tickets by itself: the API's socket serves them, and answers come
// back there. Reaches whoever has an account of this host.
class TerminalChannel final : public Channel {
 public:
  static constexpr std::size_t kMaxAnnouncements = 16;

  // `announced`: there is something new to be seen.
  explicit TerminalChannel(std::function<void()> announced) : announced_(std::move(announced)) {}

  std::string_view name() const override { return "terminal"; }
  void show(const Ticket&) override {}
  void announce(std::string_view text) override {
    announcements_.emplace_back(text);
    ++announced_count_;
    if (announcements_.size() > kMaxAnnouncements) announcements_.pop_front();
    announced_();
  }
  bool reaches(const Person& person) const override {
    return std::ranges::any_of(person.accounts, [](const Account& account) {
      return std::holds_alternative<UnixAccount>(account);
    });
  }
  std::string trouble() const override { return {}; }

  // The latest, oldest first.
  const std::deque<std::string>& announcements() const { return announcements_; }
  // Returns how many there have been; the last of announcements() has this number.
  std::uint64_t announced() const { return announced_count_; }

 private:
  std::function<void()> announced_;
  std::deque<std::string> announcements_;
  std::uint64_t announced_count_ = 0;
};

}  // namespace stayd
