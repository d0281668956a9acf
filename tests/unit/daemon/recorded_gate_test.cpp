// SPDX-License-Identifier: Apache-2.0
// The desk without a kernel: a recorded list of what a gate told it is played in, with answers
// of people in between, and the calls that come back are compared with those that are expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/gate/conversation.h"
#include "unit/intake/desk_on_disk.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class RecordedGates : public ::testing::Test {
 protected:
  RecordedGates() { desk_.gate.add_workload(); }

  std::string answer(TicketId id, Choice choice, Scope scope = Scope::once) {
    const Ticket* ticket = desk_.approvals->find(id);
    Decision decision{.ticket = id,
                      .digest = ticket->digest,
                      .choice = choice,
                      .scope = scope,
                      .reason = "as planned",
                      .channel = "terminal"};
    const auto answered =
        desk_.approvals->answer({std::move(decision), UnixAccount{1001}}, desk_.now);
    return answered ? "" : answered.error().message;
  }

  DeskOnDisk desk_;
};

TEST_F(RecordedGates, ADayOfAWorkloadComesBackAsTheseCalls) {
  // It reads what it may not without a person, from two threads, and one of them gives up.
  desk_.take(a_reported(1));
  desk_.take(a_reported(2));
  desk_.take(HoldGone{1, HoldEnd::caller_gone});
  desk_.take(LabelsRead{kWorkload, 1, 4242});
  EXPECT_THAT(desk_.calls(), IsEmpty());
  EXPECT_EQ(answer(1, Choice::approve), "");
  EXPECT_THAT(desk_.calls(), ElementsAre("release 2: allow"));

  // Another file is refused, a third is granted to the whole workload.
  desk_.take(a_reported(3, 200));
  desk_.take(a_reported(4, 300));
  EXPECT_EQ(answer(2, Choice::deny), "");
  EXPECT_EQ(answer(3, Choice::approve, Scope::workload), "");
  EXPECT_THAT(desk_.calls(), ElementsAre("release 3: deny", "grant 1: open /srv/customers/list.csv",
                                         "release 4: allow"));

  // Nobody answers in time.
  desk_.take(a_reported(5, 400));
  desk_.now += 31min;
  desk_.approvals->tick(desk_.now);
  EXPECT_THAT(desk_.calls(), ElementsAre("release 5: deny"));

  // The policy is replaced while something waits, and what was held by the old one comes late.
  desk_.take(a_reported(6, 500));
  desk_.gate.add_workload().policy_id = RecordedGate::kPolicy + 1;
  desk_.take(WorkloadAssigned{kWorkload, "/ai.slice/support-agent.service", "support-agent",
                              "/etc/stayd/policies/support.yaml"});
  desk_.take(a_reported(7, 600));
  EXPECT_THAT(desk_.calls(),
              ElementsAre("release 6: judge again", "revoke 1", "release 7: judge again"));

  // It ends, and a straggler of it is nobody's.
  desk_.take(WorkloadEnded{kWorkload, "/ai.slice/support-agent.service"});
  desk_.gate.known_workloads.clear();
  desk_.take(a_reported(8, 700));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 8: deny"));
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

// The desk's half of the conversation whose other half tests/unit/gate/scripted_desk_test.cpp has.
TEST_F(RecordedGates, TheDeskSaysWhatWasRecordedWhenPeopleAnswer) {
  desk_.gate.add_workload().policy_id = conversation_operation(1).policy;
  const auto hear = [this](const KernelNotice& notice) {
    if (const auto* operation = std::get_if<Operation>(&notice)) return desk_.take(*operation);
    desk_.take(std::get<HoldGone>(notice));
  };
  std::map<HoldId, TicketId> tickets;
  for (const Crossing& crossing : conversation()) {
    if (const auto* notice = std::get_if<KernelNotice>(&crossing)) {
      hear(*notice);
      for (const Ticket* ticket : desk_.approvals->open_tickets())
        for (const HoldId hold : ticket->holds) tickets[hold] = ticket->id;
      EXPECT_THAT(desk_.calls(), IsEmpty()) << "nobody has answered";
      continue;
    }
    const auto* said = std::get_if<AnswerHold>(&std::get<GateCommand>(crossing));
    if (said == nullptr) continue;  // the hand-over, which the daemon's end makes
    const bool allows = said->answer == HoldAnswer::allow;
    EXPECT_EQ(answer(tickets.at(said->hold), allows ? Choice::approve : Choice::deny), "");
    EXPECT_THAT(desk_.calls(), ElementsAre("release " + std::to_string(said->hold) + ": " +
                                           to_text(said->answer)));
  }
  EXPECT_THAT(desk_.approvals->waiting(), ElementsAre(5u)) << "for the next agent";
}

TEST_F(RecordedGates, EveryHoldIsAnsweredOnceOrGone) {
  std::map<std::string, int> answers;
  for (HoldId hold = 1; hold <= 40; ++hold) desk_.take(a_reported(hold, 100 + hold % 7));
  for (HoldId hold = 1; hold <= 40; hold += 9) desk_.take(HoldGone{hold, HoldEnd::caller_gone});
  for (TicketId id = 1; id <= 7; ++id)
    EXPECT_EQ(answer(id, id % 2 == 0 ? Choice::approve : Choice::deny), "");
  for (const std::string& call : desk_.calls()) ++answers[call.substr(0, call.find(':'))];
  EXPECT_EQ(answers.size(), 35u);
  for (const auto& [hold, times] : answers) EXPECT_EQ(times, 1) << hold;
}

TEST_F(RecordedGates, TheNextDeskGoesOnWithWhatTheGateStillHolds) {
  desk_.take(a_reported(1));
  desk_.take(a_reported(2, 200));
  desk_.approvals->flush(desk_.now);
  desk_.begin();
  EXPECT_EQ(desk_.approvals->waiting(), (std::vector<HoldId>{1, 2}));
  // The gate reports again what it parks for the new desk.
  desk_.take(a_reported(1));
  EXPECT_THAT(desk_.calls(), IsEmpty());
  EXPECT_EQ(answer(1, Choice::approve), "");
  EXPECT_EQ(answer(2, Choice::deny), "");
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow", "release 2: deny"));
}

}  // namespace
}  // namespace stayd
