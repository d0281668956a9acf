// SPDX-License-Identifier: Apache-2.0
#include "http/client/backoff.h"

#include <algorithm>

namespace stayd::http {

std::chrono::milliseconds Backoff::delay(unsigned failures, double random) const {
  std::chrono::milliseconds whole = std::min(first, most);
  for (unsigned i = 1; i < failures && whole < most; ++i) whole = std::min(whole * 2, most);
  const double kept = 1 - std::clamp(random, 0.0, 1.0) / 2;
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(static_cast<double>(whole.count()) * kept));
}

}  // namespace stayd::http
