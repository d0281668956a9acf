// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "gate/messages.h"
#include "support/operation_builder.h"

namespace stayd::test {

// Everything that crosses between the gate and the desk while five operations are held, in order.
// The gate is tested against the desk's half of it, the desk against the gate's.
using Crossing = std::variant<KernelNotice, GateCommand>;

inline Operation conversation_operation(HoldId hold) {
  Operation operation = an_operation(hold, 100 + hold);
  operation.caller.thread = static_cast<std::int32_t>(4242 + hold);
  return operation;
}

inline std::vector<Crossing> conversation() {
  return {
      KernelNotice{conversation_operation(1)},
      KernelNotice{conversation_operation(2)},
      GateCommand{AnswerHold{1, HoldAnswer::allow, 5'000'000'000}},
      KernelNotice{conversation_operation(3)},
      KernelNotice{HoldGone{2, HoldEnd::caller_gone}},
      KernelNotice{HoldGone{3, HoldEnd::superseded}},
      KernelNotice{conversation_operation(4)},
      GateCommand{AnswerHold{4, HoldAnswer::deny, 0}},
      KernelNotice{conversation_operation(5)},
      GateCommand{HandOver{}},
  };
}

}  // namespace stayd::test
