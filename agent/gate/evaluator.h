// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "gate/messages.h"
#include "kernel/decoder.h"

namespace stayd {

// Knows what the tables do not: patterns, arguments, contents, names. It is called on the
// gatekeeper's thread, while the operation's thread spins, and must be quick.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Nothing: the verdict takes longer. It comes as DeliverVerdict for operation.hold_id, or the
  // kernel side's limit ends the hold.
  virtual std::optional<DeferredVerdict> judge(const Operation& operation) = 0;
  virtual void on(const DnsPacket& packet) = 0;
};

}  // namespace stayd
