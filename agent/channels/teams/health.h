// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"

namespace stayd::teams {

// Tracks whether questions get through to Teams. Pure: time is an argument.
class Health {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A short failure changes nothing: what could not be said is said again.
  static constexpr std::chrono::seconds kPatience{60};
  // After this long without a new failure it counts as alive again, so that somebody tries.
  static constexpr std::chrono::minutes kForget{3};

  void worked() {
    since_.reset();
    error_ = {};
  }
  void failed(Error error, Time now) {
    if (!since_) since_ = now;
    last_ = now;
    error_ = std::move(error);
  }
  bool is_alive(Time now) const {
    return !since_ || now - *since_ < kPatience || now - last_ > kForget;
  }
  // Empty: all is well.
  const std::string& trouble() const { return error_.message; }
  // Only an access token is missing: whoever has got one may call worked().
  bool lacks_token() const { return error_.kind == ErrorKind::no_token; }

 private:
  std::optional<Time> since_;  // it has failed without a success in between
  Time last_{};
  Error error_;
};

}  // namespace stayd::teams
