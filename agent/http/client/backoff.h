// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace stayd::http {

// The time to wait before the next attempt: twice as long each time, and never quite the same, so
// that many who failed together do not come back together.
struct Backoff {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds most{60'000};

  // After `failures` (from 1 on) in a row. `random` is from [0, 1) and takes off up to half.
  std::chrono::milliseconds delay(unsigned failures, double random) const;
};

}  // namespace stayd::http
