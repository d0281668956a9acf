// SPDX-License-Identifier: Apache-2.0
// Whatever a server asks for, the wait is within its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/client/retry_after.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using std::chrono::milliseconds;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stayd::TimePoint now(milliseconds(1'770'000'000'000));
  constexpr milliseconds kMax = std::chrono::hours(1);
  const auto wait = stayd::http::parse_retry_after(text, now, kMax);
  if (wait && (*wait < milliseconds(0) || *wait > kMax)) std::abort();
  return 0;
}
