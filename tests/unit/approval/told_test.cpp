// SPDX-License-Identifier: Apache-2.0
// What a workload is told of its own operations, whatever becomes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "approval/approval_service.h"
#include "store/schema.h"
#include "support/temp_dir.h"
#include "unit/approval/recorded.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::ElementsAre;

class TheWorkload : public ::testing::Test {
 protected:
  TheWorkload() {
    for (const char* each : {"state", "key"}) {
      std::filesystem::create_directory(directory_ / each);
      std::filesystem::permissions(directory_ / each, std::filesystem::perms::owner_all);
    }
    begin(kNoon);
  }
  // An agent; the one before has ended like a process that was killed.
  void begin(TimePoint now, const std::string& epoch = "one") {
    approvals_.reset();
    store_.reset();
    database_.reset();
    record_.reset();
    database_ = *Database::open(directory_ / "state/stayd.db", schema());
    store_.emplace(*database_);
    RecordOptions options;
    options.path = directory_ / "record.jsonl";
    options.key_directory = directory_ / "key";
    record_.emplace(*Record::open(std::move(options)));
    approvals_.emplace(*store_, *record_, kernel_, People::without_file(),
                       ApprovalService::Callbacks{
                           .changed = [] {}, .flush_soon = [] {}, .told = [this] { ++woken_; }});
    ASSERT_TRUE(approvals_->load(epoch, now));
  }
  void raise(HoldId id, std::uint64_t inode = 100, TimePoint now = kNoon) {
    Operation operation = an_operation(id, inode);
    operation.time = now;
    if (approvals_->would_join(operation)) return approvals_->join(operation, now);
    TicketContext context = kContext;
    context.approval.linger = linger_;
    context.reference = {"/etc/stayd/policies/agent.yaml", 12, "files.read.hold: secrets (/srv)"};
    approvals_->raise(operation, context, now);
  }
  void answer(Decision decision, TimePoint now = kNoon + 1s) {
    decision.name.clear();
    const auto answered = approvals_->answer({std::move(decision), UnixAccount{1000}}, now);
    ASSERT_TRUE(answered) << answered.error().message;
  }
  const Ticket& ticket(TicketId id = 1) { return *approvals_->find(id); }
  std::vector<const SelfEvent*> events() { return approvals_->told().since(kWorkload, 0).events; }
  // "held 1: after-approval", "denied 1 expired: now", …
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    for (const SelfEvent* event : events()) {
      const nlohmann::json json = to_json(*event);
      const std::string reason = json["reason"];
      lines.push_back(json["event"].get<std::string>() + " " + json["ticket"].dump() +
                      (reason.empty() ? "" : " " + reason) + ": " +
                      json["retry"].get<std::string>());
    }
    return lines;
  }

  TempDir directory_;
  std::unique_ptr<Database> database_;
  std::optional<DeskStore> store_;
  std::optional<Record> record_;
  Told kernel_;
  std::optional<ApprovalService> approvals_;
  int woken_ = 0;
  std::optional<std::chrono::seconds> linger_;  // as the policy has it
};

TEST_F(TheWorkload, IsToldWhatWaitsByWhichRuleAndUntilWhen) {
  raise(1);
  ASSERT_EQ(events().size(), 1u);
  const nlohmann::json told = to_json(*events()[0]);
  EXPECT_EQ(told["event"], "held");
  EXPECT_EQ(told["ticket"], 1);
  EXPECT_EQ(told["object"], "/srv/customers/list.csv");
  EXPECT_EQ(told["program"], "/usr/bin/python3.11");
  EXPECT_EQ(told["rule"], (nlohmann::json{{"file", "/etc/stayd/policies/agent.yaml"},
                                          {"line", 12},
                                          {"text", "files.read.hold: secrets (/srv)"}}));
  EXPECT_EQ(told["until"], "2023-11-14T22:43:20.000Z");
  EXPECT_EQ(told["asked"], nlohmann::json::array());
  EXPECT_EQ(told["retry"], "after-approval");
  EXPECT_GT(woken_, 0);
}

TEST_F(TheWorkload, IsToldWhoSaidNoAndWhy) {
  raise(1);
  answer(denial(ticket()));
  ASSERT_THAT(lines(), ElementsAre("held 1: after-approval", "denied 1 denied: never"));
  EXPECT_EQ(events()[1]->detail, "not this quarter");
  EXPECT_NE(events()[1]->by, "");
  EXPECT_EQ(events()[1]->rule.line, 12);
}

TEST_F(TheWorkload, IsToldThatWhatWaitedWentOn) {
  raise(1);
  answer(approval(ticket()));
  EXPECT_THAT(lines(), ElementsAre("held 1: after-approval", "approved 1: never"));
}

TEST_F(TheWorkload, IsToldToTryAgainOnceWhatCouldNotWaitIsApproved) {
  raise(0);
  raise(0);
  EXPECT_THAT(lines(), ElementsAre("denied 1 cannot_wait: after-approval"));
  EXPECT_EQ(events()[0]->times, 2u);
  answer(approval(ticket()));
  EXPECT_EQ(lines().back(), "approved 1: now");
}

TEST_F(TheWorkload, IsToldThatNobodyAnsweredInTime) {
  raise(1);
  approvals_->tick(kNoon + 31min);
  EXPECT_EQ(lines().back(), "denied 1 expired: now");
}

TEST_F(TheWorkload, IsToldThatNobodyCouldBeAsked) {
  approvals_->set_people(*People::parse("people: {bob: {accounts: [unix: 1001]}}", "p",
                                        [](const std::string&) { return std::nullopt; }));
  raise(1);
  ASSERT_THAT(lines(), ElementsAre("denied 1 no_approver: never"));
  EXPECT_EQ(events()[0]->rule.line, 12);
}

TEST_F(TheWorkload, IsToldThatPeopleAreStillAskedWhenNobodyWaitsAndThenToTryAgain) {
  raise(1);
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1min);
  EXPECT_EQ(lines().back(), "lingers 1: after-approval");
  EXPECT_EQ(to_json(*events().back())["until"], "2023-11-14T22:43:20.000Z");
  EXPECT_EQ(approvals_->told_of(ticket()).seq, events().back()->seq);
  answer(approval(ticket()), kNoon + 2min);
  EXPECT_EQ(lines().back(), "approved 1: now");
  EXPECT_EQ(to_json(*events().back())["until"], "2023-11-14T22:43:20.000Z");
}

TEST_F(TheWorkload, IsToldThatTheNextAttemptWaitsForTheQuestionThatIsStillOpen) {
  raise(1);
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1min);
  raise(2, 100, kNoon + 2min);
  EXPECT_THAT(lines(), ElementsAre("held 1: after-approval", "lingers 1: after-approval",
                                   "held 1: after-approval"));
  answer(approval(ticket()), kNoon + 3min);
  EXPECT_EQ(lines().back(), "approved 1: never");
}

TEST_F(TheWorkload, IsToldEachTimeThatAnEarlierAnswerDeniesItAtOnce) {
  raise(1);
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1min);
  answer(denial(ticket()), kNoon + 2min);
  EXPECT_EQ(lines().back(), "denied 1 denied: never");
  EXPECT_TRUE(events().back()->until.has_value()) << "the next attempt is denied, too";
  for (const HoldId hold : {2, 3}) {
    Operation again = an_operation(hold);
    again.time = kNoon + 3min;
    EXPECT_TRUE(approvals_->settle(again, {}, {}, again.time));
  }
  EXPECT_EQ(lines().back(), "denied 1 denied_before: never");
  EXPECT_EQ(events().back()->times, 2u);
  EXPECT_EQ(events().back()->detail, "not this quarter");
}

TEST_F(TheWorkload, IsToldThatAQuestionNobodyWaitedForIsOver) {
  raise(1);
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1min);
  approvals_->tick(kNoon + 31min);
  EXPECT_EQ(lines().back(), "denied 1 expired: now");
}

TEST_F(TheWorkload, IsToldWhyItsThreadWasDeniedThoughPeopleAreStillAsked) {
  raise(1, 101);
  raise(2, 102);
  approvals_->gone(1, HoldEnd::traced, kNoon + 1s);
  EXPECT_EQ(lines().back(), "denied 1 traced: after-approval");
  approvals_->gone(2, HoldEnd::unattended, kNoon + 1s);
  EXPECT_EQ(lines().back(), "denied 2 unattended: now");
  answer(approval(ticket(1)));
  EXPECT_EQ(lines().back(), "approved 1: now");
}

TEST_F(TheWorkload, IsToldWhyItsOwnHoldEndedWhereNothingLingers) {
  linger_ = 0s;
  raise(1, 101);
  raise(2, 102);
  raise(3, 103);
  raise(4, 104);
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1s);
  approvals_->gone(2, HoldEnd::superseded, kNoon + 1s);
  approvals_->gone(3, HoldEnd::traced, kNoon + 1s);
  approvals_->gone(4, HoldEnd::unattended, kNoon + 1s);
  const std::vector<std::string> all = lines();
  EXPECT_THAT(std::vector(all.begin() + 4, all.end()),
              ElementsAre("denied 1 cancelled: now", "denied 2 superseded: now",
                          "denied 3 traced: never", "denied 4 unattended: now"));
}

TEST_F(TheWorkload, IsToldOfItsFloodWithoutLosingWhatCameBefore) {
  for (HoldId hold = 1; hold <= 64; ++hold) raise(hold, hold);
  for (HoldId hold = 65; hold <= 300; ++hold) raise(hold, hold);
  ASSERT_EQ(events().size(), 65u);
  EXPECT_EQ(lines().back(), "denied null flooding: after-approval");
  EXPECT_EQ(events().back()->times, 236u);
  EXPECT_EQ(events().back()->advice, advice_for(DenialReason::flooding).text);
}

TEST_F(TheWorkload, IsNotToldOfTheQuestionAboutItsFlood) {
  for (HoldId hold = 1; hold <= 65; ++hold) raise(hold, hold);
  const std::size_t before = events().size();
  const Ticket* flood = approvals_->open_tickets().back();
  ASSERT_TRUE(flood->flood);
  answer(denial(*flood));
  EXPECT_EQ(events().size(), before);
}

TEST_F(TheWorkload, IsToldByTheNextStaydWhatStillWaits) {
  raise(1);
  const std::uint64_t before = approvals_->told().latest(kWorkload);
  approvals_->flush(kNoon);
  begin(kNoon + 1min);
  ASSERT_THAT(lines(), ElementsAre("held 1: after-approval"));
  EXPECT_GT(approvals_->told().latest(kWorkload), before) << "a number that was given stays used";
  EXPECT_EQ(events()[0]->rule, (RuleReference{"", 0, "files: default hold"}));
  EXPECT_EQ(approvals_->told_of(ticket()).ticket, 1u);
}

TEST_F(TheWorkload, OfAnotherBootIsToldNothingThoughItHasTheSameNumber) {
  raise(1);
  approvals_->flush(kNoon);
  begin(kNoon + 1min, "another boot");
  EXPECT_THAT(lines(), ElementsAre());
}

TEST_F(TheWorkload, ThatWasReleasedIsForgotten) {
  raise(1);
  approvals_->release_workload(kWorkload, kNoon + 1s);
  EXPECT_THAT(lines(), ElementsAre());
}

}  // namespace
}  // namespace stayd
