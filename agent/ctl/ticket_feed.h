// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ctl/client.h"

namespace stayd {

// The list of all tickets, each time it changes, for callers with a poll() of their own:
//
//   wait until fd() is readable, at most time_left(now); then step(readable, now)
//
// step() does not wait noticeably. After an error it tries again a second later.
class TicketFeed {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit TicketFeed(const std::string& socket_path) : client_(socket_path) {}

  int fd() const { return client_.fd(); }  // -1: nothing to read, only to wait
  std::chrono::milliseconds time_left(Time now) const;
  // Nothing if nothing has changed.
  std::optional<Result<nlohmann::json>> step(bool readable, Time now);
  // Takes the messages to everybody since the last call, or since the first list.
  std::vector<std::string> take_announcements() { return std::exchange(announced_, {}); }

 private:
  Result<> ask(Time now);
  Result<nlohmann::json> read();
  void note_announcements(const nlohmann::json& list);

  Client client_;
  std::optional<std::uint64_t> revision_;  // of the list that the caller has
  std::optional<std::uint64_t> last_announcement_;
  std::vector<std::string> announced_;
  Time next_{};  // asked: when to give up; else: when to ask
};

}  // namespace stayd
