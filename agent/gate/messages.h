// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <variant>

#include "context/notices.h"
#include "context/operation.h"

namespace stayd {

// The values that the gatekeeper and the rest of stayd exchange. The two share nothing else: no
// pointer, no map, no lock of one is known to the other. What reaches the desk, and what the desk
// asks, is in intake/gate.h, whose kDeskGateVersion counts for the types here, too.
//
// Every value is bounded. The texts of an Operation that comes from the gate are at most as long as
// the kernel side reports them: STAYD_PATH_SIZE for a path, STAYD_ARGV_SIZE for a new name and for
// all arguments together. Its judged_arguments are empty, and so is what only /proc knows of the
// caller. At most STAYD_MAX_HOLDS holds wait at once, and each is answered once, so no more
// commands than that are under way.

// From the gatekeeper, of each workload in the order in which things happened. An Operation with a
// hold waits until its hold is answered, or until HoldGone says that it ended without an answer.
using KernelNotice = std::variant<Operation, HoldGone, CgroupMade, CgroupGone, LabelsRead,
                                  EntryChanged, ArgumentsChanged>;

// The policy's verdict on an operation that the kernel side could not judge alone.
struct DeferredVerdict {
  enum class What : std::uint8_t { allow, audit, hold, deny, again };
  What what = What::deny;  // again: the tables say it now
  std::uint32_t rule = 0;
  std::uint64_t labels = 0;  // of a file that is about to be read, besides those of the tables
  bool observed = false;     // it goes on in any case
  bool operator==(const DeferredVerdict&) const = default;
};

// Ends a hold. It has no effect on a hold that is over.
struct AnswerHold {
  HoldId hold = 0;
  HoldAnswer answer = HoldAnswer::deny;
  // CLOCK_BOOTTIME after which `allow` lets nobody through; 0: never.
  std::uint64_t expires_ns = 0;
  bool operator==(const AnswerHold&) const = default;
};

// A verdict that the evaluator could not give at once. It has no effect on a hold that is over.
struct DeliverVerdict {
  HoldId hold = 0;
  DeferredVerdict verdict;
  bool operator==(const DeliverVerdict&) const = default;
};

// The last command: every held thread is let go in such a way that it reports to the next agent.
struct HandOver {
  bool operator==(const HandOver&) const = default;
};

// To the gatekeeper, carried out in order.
using GateCommand = std::variant<AnswerHold, DeliverVerdict, HandOver>;

}  // namespace stayd
