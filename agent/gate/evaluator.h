// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "context/operation.h"
#include "kernel/decoder.h"

namespace stayd {

// What policy says of an operation that the kernel side could not judge alone.
struct DeferredVerdict {
  enum class What : std::uint8_t { allow, audit, hold, deny, again };
  What what = What::deny;  // again: the tables say it now
  std::uint32_t rule = 0;
  std::uint64_t labels = 0;  // of a file that is about to be read, besides those of the tables
  bool observed = false;     // it goes on in any case
};

// Knows what the tables do not: patterns, arguments, contents, names. Called on the
// gatekeeper's thread, while the operation's thread spins: must be quick.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Nothing: it takes longer, and comes by Gatekeeper::rule() for operation.hold_id, or the
  // kernel side's limit ends it.
  virtual std::optional<DeferredVerdict> judge(const Operation& operation) = 0;
  virtual void on(const DnsPacket& packet) = 0;
};

}  // namespace stayd
