// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <time.h>

#include <chrono>
#include <cstdint>

namespace stayd::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Long enough for anything that does happen under emulation on a busy machine.
inline constexpr milliseconds kPatience = seconds(30);

inline std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

inline milliseconds since_ns(std::int64_t then) {
  return milliseconds((now_ns() - then) / 1'000'000);
}

// Until `condition()` holds; false if it does not within `limit`.
template <class Condition>
bool eventually(Condition condition, milliseconds limit = kPatience) {
  const std::int64_t begun = now_ns();
  while (!condition()) {
    if (since_ns(begun) > limit) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

// True if `condition()` holds all through `period`: for what must not happen in that time.
template <class Condition>
bool throughout(milliseconds period, Condition condition) {
  return !eventually([&] { return !condition(); }, period);
}

// True if `fd` becomes readable (or ends) within `limit`.
inline bool readable(int fd, milliseconds limit) {
  const std::int64_t begun = now_ns();
  while (true) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const milliseconds left = limit - since_ns(begun);
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count() > 0 ? left.count() : 0));
    if (ready > 0) return true;
    if (left.count() <= 0) return false;
  }
}

}  // namespace stayd::test
