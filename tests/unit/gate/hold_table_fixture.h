// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gate/hold_table.h"
#include "support/operation_builder.h"
#include "unit/gate/action_text.h"

namespace stayd::test {

inline constexpr std::int32_t kProcess = 10;
inline constexpr std::int32_t kThread = 11;
inline constexpr std::uint64_t kStart = 1'000'000'000'000;  // CLOCK_BOOTTIME

inline Operation held(HoldId hold, std::int32_t thread = kThread, std::int32_t process = kProcess) {
  Operation operation = an_operation(hold);
  operation.caller.pid = process;
  operation.caller.thread = thread;
  return operation;
}
inline Operation incomplete(HoldId hold, std::int32_t thread = kThread) {
  Operation operation = held(hold, thread);
  if (hold != 0) operation.disposition = Disposition::deferred;
  operation.incomplete = true;
  return operation;
}
inline HoldResumed back(HoldId hold, std::int32_t thread = kThread) {
  return {.hold = hold, .process = kProcess, .thread = thread, .slot = 3, .syscall = 257};
}
inline SignalSent to_process(std::int32_t process = kProcess) {
  return {.process = process, .thread = process, .signal = 10, .to_process = true};
}
inline SignalSent to_thread(std::int32_t thread) {
  return {.process = kProcess, .thread = thread, .signal = 10, .to_process = false};
}
inline DeliverVerdict verdict(HoldId hold, DeferredVerdict::What what) {
  return {.hold = hold, .verdict = {.what = what, .rule = 7}};
}

using Lines = std::vector<std::string>;

class HoldTableTest : public ::testing::Test {
 protected:
  using What = DeferredVerdict::What;

  void raise(HoldId hold, std::int32_t thread = kThread) {
    (void)table_.reported(held(hold, thread), std::nullopt);
    (void)table_.seized(thread, Seized::yes);
  }
  void stop_and_park(HoldId hold, std::int32_t thread = kThread) {
    (void)table_.stopped(thread, 0);
    (void)table_.at_restart(hold, true);
    (void)table_.signal_pending(hold, false);
  }
  void park(HoldId hold, std::int32_t thread = kThread) {
    raise(hold, thread);
    stop_and_park(hold, thread);
  }
  Lines answer(HoldId hold, HoldAnswer answer = HoldAnswer::allow) {
    return lines(table_.answer({hold, answer, 0}));
  }
  Lines gone(HoldId hold, HoldEnd why = HoldEnd::caller_gone) {
    return lines(table_.gone({hold, why}));
  }
  void expect_empty() const {
    EXPECT_EQ(table_.load().waiting, 0u);
    EXPECT_EQ(table_.load().parked, 0u);
    EXPECT_EQ(table_.load().deferred, 0u);
    EXPECT_FALSE(table_.needs_tick()) << "a thread is still traced";
  }

  HoldTable table_;
};

}  // namespace stayd::test
