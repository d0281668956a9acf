// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "http/client/backoff.h"
#include "identity/key_set.h"

namespace stayd {

// Decides when an issuer's keys are fetched, and for how long they count. A state machine that
// knows no network; time is an argument, and does not go backwards.
class KeyCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Keys are fetched again after this, for nobody in particular.
  static constexpr std::chrono::hours kRefresh{6};
  // Whoever invents names of keys makes us fetch no more often than this.
  static constexpr std::chrono::minutes kBetweenLooks{5};
  // If fetching fails, the previous keys stay valid this long; after that no token is accepted.
  static constexpr std::chrono::hours kMaxUse{48};

  // Null: there are no valid keys.
  std::shared_ptr<const KeySet> keys(Time now) const;

  // Returns when to fetch although no token waits.
  Time due() const { return due_; }

  // A token names a key that is not there: is it worth to fetch for it? Yes at most once in
  // kBetweenLooks; the answer yes counts.
  bool look_for_unknown(Time now);

  // True if somebody who waits for keys should make us fetch: there are none, and nothing failed
  // a moment ago.
  bool look_for_any(Time now) const { return !keys(now) && now >= retry_; }

  void fetched(KeySet keys, Time now);
  // `random` is from [0, 1).
  void failed(Time now, double random);

 private:
  static constexpr http::Backoff kRetry{std::chrono::seconds(2), std::chrono::minutes(10)};

  std::shared_ptr<const KeySet> keys_;
  Time fetched_{};
  Time due_ = Time::min();
  Time retry_ = Time::min();
  std::optional<Time> looked_;  // for an unknown key
  unsigned failures_ = 0;       // in a row
};

}  // namespace stayd
