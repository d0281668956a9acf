// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <variant>

#include "base/result.h"
#include "context/operation.h"

namespace stayd {

struct HoldResumed {
  HoldId hold = 0;
  std::int32_t process = 0;
  std::int32_t thread = 0;
};

struct HoldGone {
  HoldId hold = 0;
  bool superseded = false;  // the same call is back, with another object
};

struct SignalSent {
  std::int32_t process = 0;
  std::int32_t thread = 0;
  std::int32_t signal = 0;
  bool to_process = false;
};

struct CgroupMade {};

using KernelEvent = std::variant<Operation, HoldResumed, HoldGone, SignalSent, CgroupMade>;

// Turns bytes from the ring into an event. Pure, never reads past `bytes`, and rejects what
// it does not recognise: this is the trust boundary, and tests/fuzz/decoder_fuzz.cpp's
// target. The operation's path is from the root of its file system, its time is unset, and
// what only /proc knows of the caller is empty.
Result<KernelEvent> decode_event(std::span<const std::byte> bytes);

}  // namespace stayd
