// SPDX-License-Identifier: Apache-2.0
// The gate's half of a conversation with the desk, in one process and without a kernel: what
// happens to threads is played by the test, and the desk says what it said in the recording.
#include <gtest/gtest.h>

#include <map>
#include <type_traits>

#include "gate/hold_table.h"
#include "unit/gate/action_text.h"
#include "unit/gate/conversation.h"

namespace stayd::test {
namespace {

static_assert(std::is_trivially_copyable_v<AnswerHold> &&
                  std::is_trivially_copyable_v<DeliverVerdict>,
              "a command is a plain value that points at nothing");

class ScriptedDesk : public ::testing::Test {
 protected:
  // The kernel side holds the thread, which then does what it is asked to.
  void hold(HoldId id) { carry_out(table_.reported(conversation_operation(id), std::nullopt)); }

  void carry_out(const Actions& actions) {
    for (const Action& each : actions) std::visit([this](const auto& one) { act(one); }, each);
  }
  void act(const Seize& seize) {
    carry_out(table_.seized(seize.thread, Seized::yes));
    carry_out(table_.stopped(seize.thread, 0));
  }
  void act(const LookAtRestart& look) { carry_out(table_.at_restart(look.hold, true)); }
  void act(const LookForSignal& look) { carry_out(table_.signal_pending(look.hold, false)); }
  void act(const WriteAnswer& write) { answers_[write.hold] = write.answer; }
  void act(const ForgetAnswer& forget) { answers_.erase(forget.hold); }
  void act(const LetGo&) { ++let_go_; }
  void act(const Notify& notify) { hear(notify.notice); }
  template <class Other>
  void act(const Other&) {}

  // The next thing in the recording has to be this; then the desk says what it said.
  void hear(const KernelNotice& notice) {
    ASSERT_LT(next_, recording_.size());
    const auto* expected = std::get_if<KernelNotice>(&recording_[next_]);
    ASSERT_NE(expected, nullptr) << notice_text(notice);
    EXPECT_EQ(notice_text(notice), notice_text(*expected));
    ++next_;
  }
  void let_the_desk_speak() {
    for (; next_ < recording_.size(); ++next_) {
      const auto* command = std::get_if<GateCommand>(&recording_[next_]);
      if (command == nullptr) return;
      std::visit([this](const auto& each) { obey(each); }, *command);
    }
  }
  void obey(const AnswerHold& answer) { carry_out(table_.answer(answer)); }
  void obey(const DeliverVerdict& verdict) { carry_out(table_.verdict_arrived(verdict)); }
  void obey(const HandOver&) { carry_out(table_.hand_over()); }

  HoldTable table_;
  std::vector<Crossing> recording_ = conversation();
  std::size_t next_ = 0;
  std::map<HoldId, stayd_answer> answers_;
  int let_go_ = 0;
};

TEST_F(ScriptedDesk, TheGateSaysWhatWasRecordedAndDoesWhatItIsTold) {
  hold(1);
  hold(2);
  let_the_desk_speak();
  EXPECT_EQ(answers_.at(1).word, STAYD_ANSWER_WORD(1, STAYD_ANSWER_ALLOW));
  EXPECT_EQ(answers_.at(1).expires_ns, 5'000'000'000u);
  hold(3);
  carry_out(table_.ended(conversation_operation(2).caller.thread));
  carry_out(table_.gone({3, HoldEnd::superseded}));
  hold(4);
  let_the_desk_speak();
  EXPECT_EQ(answers_.at(4).word, STAYD_ANSWER_WORD(4, STAYD_ANSWER_DENY));
  hold(5);
  EXPECT_EQ(answers_.at(5).word, STAYD_ANSWER_WORD(5, STAYD_ANSWER_PARKED));
  let_the_desk_speak();
  EXPECT_EQ(answers_.at(5).word, STAYD_ANSWER_WORD(5, STAYD_ANSWER_AWAY))
      << "it reports to the next agent";
  EXPECT_EQ(next_, recording_.size());
  EXPECT_EQ(let_go_, 4) << "holds 1, 3, 4 and 5: the thread of hold 2 had ended";
  EXPECT_EQ(table_.load().waiting, 0u);
}

}  // namespace
}  // namespace stayd::test
