// SPDX-License-Identifier: Apache-2.0
// With a real database and a real record on disk; only the kernel side is the test's own.
#include "approval/approval_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/events.h"
#include "store/schema.h"
#include "support/steps.h"
#include "unit/approval/recorded.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::HasSubstr;

class ApprovalServiceTest : public ::testing::Test {
 protected:
  ApprovalServiceTest() {
    directory_ = ::testing::TempDir() + "stayd-approvals-" + std::to_string(::getpid());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
    begin();
  }
  ~ApprovalServiceTest() override {
    approvals_.reset();
    record_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  // An agent; the one before has ended like a process that was killed.
  void begin(const std::string& epoch = "one") {
    approvals_.reset();
    store_.reset();
    database_.reset();
    record_.reset();
    kernel_ = {};
    auto database = Database::open(directory_ + "/state/stayd.db", schema());
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    store_.emplace(*database_);
    RecordOptions options;
    options.path = directory_ + "/record.jsonl";
    options.key_directory = directory_ + "/key";
    auto record = Record::open(std::move(options));
    ASSERT_TRUE(record) << record.error().message;
    record_.emplace(std::move(*record));
    approvals_.emplace(
        *store_, *record_, kernel_, People::without_file(),
        ApprovalService::Callbacks{
            .changed = [] {},
            .flush_soon = [] {},
            .propose = [this](const Ticket& ticket) { proposed_.push_back(ticket.id); }});
    Result<> loaded = approvals_->load(epoch, kNoon);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  void hold(HoldId id, std::uint64_t inode = 100, const TicketContext& context = kContext) {
    const Operation operation = an_operation(id, inode);
    if (approvals_->would_join(operation)) return approvals_->join(operation, kNoon);
    approvals_->raise(operation, context, kNoon);
  }
  // What is known of an open of the file with this inode, which is where all are.
  static Surroundings around(std::uint64_t inode) {
    return {.rule = kContext.rule,
            .names = {},
            .touched = {},
            .steps = steps_to("/srv/customers/list.csv", inode)};
  }
  static TicketContext in_a_directory() {
    TicketContext context = kContext;
    context.directory = directory_inode(an_operation(1), around(100).steps);
    return context;
  }
  // Its only caller left before anybody answered.
  void hold_and_leave(HoldId id, std::uint64_t inode = 100) {
    hold(id, inode);
    approvals_->gone(id, HoldEnd::caller_gone, kNoon);
  }
  const Ticket& ticket(TicketId id = 1) { return *approvals_->find(id); }
  Answer by(uid_t uid, Decision decision) {
    decision.name.clear();
    return {std::move(decision), UnixAccount{uid}};
  }
  std::string answer(const Answer& answer) {
    Result<const Ticket*> answered = approvals_->answer(answer, kNoon + 1s);
    return answered ? "" : answered.error().message;
  }
  // What the workload may read of itself.
  std::vector<nlohmann::json> told() {
    std::vector<nlohmann::json> events;
    for (const SelfEvent* event : approvals_->told().since(kWorkload, 0).events)
      events.push_back(to_json(*event));
    return events;
  }
  std::vector<std::string> recorded() {
    std::vector<std::string> events;
    std::ifstream file(directory_ + "/record.jsonl");
    for (std::string line; std::getline(file, line);)
      events.push_back(nlohmann::json::parse(line).value("event", "?"));
    return events;
  }
  nlohmann::json last_recorded(const std::string& event) {
    nlohmann::json last;
    std::ifstream file(directory_ + "/record.jsonl");
    for (std::string line; std::getline(file, line);)
      if (nlohmann::json each = nlohmann::json::parse(line); each.value("event", "") == event)
        last = std::move(each);
    return last;
  }
  std::size_t count(const std::string& event) {
    const auto events = recorded();
    return static_cast<std::size_t>(std::ranges::count(events, event));
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::optional<DeskStore> store_;
  std::optional<Record> record_;
  Told kernel_;
  std::optional<ApprovalService> approvals_;
  std::vector<TicketId> proposed_;
};

TEST_F(ApprovalServiceTest, ADecisionIsStoredAndRecordedBeforeItLetsAnythingGo) {
  hold(1);
  EXPECT_EQ(answer(by(1000, approval(ticket()))), "");
  ASSERT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(kernel_.releases[0].answer, HoldAnswer::allow);
  const auto events = recorded();
  const auto at = [&](const char* event) { return std::ranges::find(events, event); };
  EXPECT_LT(at("ticket_opened"), at("decision"));
  EXPECT_LT(at("decision"), at("released"));
  EXPECT_NE(at("ticket_closed"), events.end());
}

TEST_F(ApprovalServiceTest, AnOpenTicketAndItsHoldsOutliveTheAgent) {
  hold(1);
  hold(2);
  approvals_->flush(kNoon);
  begin();
  EXPECT_EQ(approvals_->waiting(), (std::vector<HoldId>{1, 2}));
  EXPECT_EQ(count("ticket_opened"), 1u);
  EXPECT_EQ(answer(by(1000, approval(ticket()))), "");
  EXPECT_EQ(kernel_.releases.size(), 2u);
}

TEST_F(ApprovalServiceTest, ADecisionThatWasNotCarriedOutIsCarriedOutByTheNextAgent) {
  hold(1);
  approvals_->flush(kNoon);
  Decision decision = approval(ticket());
  Result<DecisionId> id = store_->add_decision(decision, kNoon + 1s);  // … and then it dies
  ASSERT_TRUE(id) << id.error().message;
  begin();
  EXPECT_EQ(ticket().outcome, Outcome::open);
  approvals_->resume(kNoon + 5s);
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(count("decision"), 1u);
  begin();
  approvals_->resume(kNoon + 6s);
  EXPECT_TRUE(kernel_.releases.empty()) << "applied twice";
  EXPECT_EQ(count("decision"), 1u);
}

TEST_F(ApprovalServiceTest, ADecisionWhoseLineWasWrittenBeforeTheCrashIsNotRecordedTwice) {
  hold(1);
  approvals_->flush(kNoon);
  const Decision decision = approval(ticket());
  ASSERT_TRUE(store_->add_decision(decision, kNoon + 1s));
  ASSERT_TRUE(record_->append(audit::decided(decision, "/agents/support", kNoon + 1s)));
  begin();
  approvals_->resume(kNoon + 5s);
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_EQ(count("decision"), 1u);
}

// Killed before what it had decided by itself was stored, an agent must not have said so.
TEST_F(ApprovalServiceTest, WhatTheRecordSaysOfATicketTheNextAgentKnows) {
  hold(1, 100, without_lingering());
  approvals_->gone(1, HoldEnd::caller_gone, kNoon + 1s);
  EXPECT_EQ(count("ticket_closed"), 1u);
  begin();
  EXPECT_EQ(ticket().outcome, Outcome::cancelled);
  EXPECT_NE(answer(by(1000, approval(ticket()))), "");
  hold(2, 200);
  EXPECT_EQ(ticket(2).operation.hold_id, 2u) << "its number was given twice";
  EXPECT_EQ(count("ticket_closed"), 1u);
}

TEST_F(ApprovalServiceTest, WhatWasStoredAndNotRecordedIsRecordedByTheNextAgent) {
  hold(1);
  Ticket first = ticket();
  Ticket second = first;
  second.id = 2;
  first.outcome = Outcome::cancelled;
  first.closed = kNoon + 2s;
  ASSERT_TRUE(store_->save({.tickets = {&first, &second}, .unrecorded = {1, 2}}, kNoon));
  for (int agent = 0; agent < 2; ++agent) {
    begin();
    EXPECT_EQ(count("ticket_opened"), 2u);
    EXPECT_EQ(count("ticket_closed"), 1u);
  }
}

TEST_F(ApprovalServiceTest, ALateApprovalCountsForTheNextAttemptAlsoAfterARestart) {
  hold_and_leave(1);
  approvals_->flush(kNoon);
  begin();
  EXPECT_EQ(ticket().outcome, Outcome::open);
  EXPECT_EQ(ticket().caller_left, kNoon);
  EXPECT_TRUE(approvals_->waiting().empty());
  EXPECT_EQ(answer(by(1000, approval(ticket()))), "");
  EXPECT_TRUE(kernel_.releases.empty());
  ASSERT_EQ(kernel_.grants.size(), 1u);
  EXPECT_EQ(kernel_.grants.begin()->second.uses, 1);
  EXPECT_EQ(count("granted"), 1u);
  begin();
  ASSERT_EQ(approvals_->live_grants(), 1u);
}

TEST_F(ApprovalServiceTest, TheWorkloadIsToldThatWhatItGaveUpOnIsApprovedNow) {
  hold_and_leave(1);
  EXPECT_EQ(told().back()["event"], "lingers");
  EXPECT_EQ(answer(by(1000, approval(ticket()))), "");
  const nlohmann::json told = this->told().back();
  EXPECT_EQ(told["event"], "approved");
  EXPECT_EQ(told["retry"], "now");
  EXPECT_EQ(told["until"], "2023-11-14T22:43:20.000Z");
}

TEST_F(ApprovalServiceTest, ALateDenialRefusesTheNextAttemptAndSaysWhy) {
  hold_and_leave(1);
  EXPECT_EQ(answer(by(1000, denial(ticket()))), "");
  begin();
  ASSERT_TRUE(approvals_->settle(an_operation(2),
                                 {.rule = "files.default", .names = {}, .touched = {}, .steps = {}},
                                 {"agent.yaml", 12, "files.default: hold"}, kNoon + 1min));
  ASSERT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(kernel_.releases[0].hold, 2u);
  EXPECT_EQ(kernel_.releases[0].answer, HoldAnswer::deny);
  EXPECT_EQ(kernel_.releases[0].ticket, 1u);
  EXPECT_TRUE(approvals_->open_tickets().empty());
  EXPECT_EQ(last_recorded("operation")["rule"], "files.default");
  EXPECT_EQ(last_recorded("operation")["ticket"], 1);
  EXPECT_EQ(last_recorded("operation")["allow"], false);
  const nlohmann::json told = this->told().back();
  EXPECT_EQ(told["event"], "denied");
  EXPECT_EQ(told["reason"], "denied_before");
  EXPECT_EQ(told["ticket"], 1);
  EXPECT_EQ(told["by"], "unix:1000");
  EXPECT_EQ(told["detail"], "not this quarter");
  EXPECT_EQ(told["rule"]["line"], 12);
  EXPECT_EQ(told["retry"], "never");
  EXPECT_EQ(told["until"], "2023-11-14T22:43:20.000Z");
  EXPECT_FALSE(approvals_->settle(
      an_operation(3, 200), {.rule = "files.default", .names = {}, .touched = {}, .steps = {}}, {},
      kNoon + 1min));
}

TEST_F(ApprovalServiceTest, AGrantByPlaceAnswersIsRecordedAndOutlivesTheAgent) {
  const auto of = [](HoldId id, std::uint64_t inode) {
    Operation operation = an_operation(id, inode);
    operation.time = kNoon + 1min;
    return operation;
  };
  hold(1, 100, in_a_directory());
  Decision decision = approval(ticket());
  decision.scope = Scope::directory;
  decision.grant_for = 10min;
  decision.uses = 3;
  EXPECT_EQ(answer(by(1000, decision)), "");
  EXPECT_TRUE(kernel_.grants.empty()) << "the kernel side knows no places";
  EXPECT_TRUE(approvals_->has_directories(kWorkload));
  ASSERT_TRUE(approvals_->settle(of(2, 200), around(200), {}, kNoon + 1min));
  EXPECT_EQ(kernel_.releases.back().hold, 2u);
  EXPECT_EQ(kernel_.releases.back().answer, HoldAnswer::allow);
  EXPECT_EQ(last_recorded("operation")["grant"], 1);
  EXPECT_EQ(last_recorded("operation")["allow"], true);
  EXPECT_EQ(last_recorded("operation")["ticket"], 1);
  approvals_->look_after_grants(kNoon + 1min);
  approvals_->flush(kNoon + 1min);
  begin();
  ASSERT_EQ(approvals_->grants().size(), 1u);
  EXPECT_EQ(approvals_->grants()[0].uses, 2);
  ASSERT_TRUE(approvals_->settle(of(3, 300), around(300), {}, kNoon + 1min));
  ASSERT_TRUE(approvals_->settle(of(4, 400), around(400), {}, kNoon + 1min));
  EXPECT_FALSE(approvals_->settle(of(5, 500), around(500), {}, kNoon + 1min));
  EXPECT_EQ(last_recorded("grant_ended")["grant"]["state"], "used up");
  EXPECT_FALSE(approvals_->has_directories(kWorkload));
}

TEST_F(ApprovalServiceTest, AGrantByPlaceIsTakenBackByHand) {
  hold(1, 100, in_a_directory());
  Decision decision = approval(ticket());
  decision.scope = Scope::directory;
  decision.grant_for = 10min;
  EXPECT_EQ(answer(by(1000, decision)), "");
  const Result<Grant> revoked = approvals_->revoke(
      1, {.account = UnixAccount{1000}, .name = "", .channel = "terminal"}, kNoon + 1min);
  ASSERT_TRUE(revoked) << revoked.error().message;
  EXPECT_FALSE(approvals_->settle(an_operation(2, 200), around(200), {}, kNoon + 1min));
}

TEST_F(ApprovalServiceTest, AnotherBootKnowsNoRefusals) {
  hold_and_leave(1);
  EXPECT_EQ(answer(by(1000, denial(ticket()))), "");
  begin("another");
  EXPECT_FALSE(approvals_->settle(
      an_operation(2), {.rule = "files.default", .names = {}, .touched = {}, .steps = {}}, {},
      kNoon + 1min));
}

TEST_F(ApprovalServiceTest, ARuleIsProposedOfAnApprovalThatAsksForIt) {
  hold(1);
  hold(2, 200);
  hold(3, 300);
  Decision wanted = approval(ticket(1));
  wanted.propose_rule = true;
  EXPECT_EQ(answer(by(1000, wanted)), "");
  EXPECT_EQ(answer(by(1000, approval(ticket(2)))), "");
  EXPECT_EQ(answer(by(1000, denial(ticket(3)))), "");
  EXPECT_EQ(proposed_, std::vector<TicketId>{1});
}

TEST_F(ApprovalServiceTest, OnAnotherBootWhatWaitedIsCancelledAndWhatWasGrantedEnds) {
  hold(1);
  Decision decision = approval(ticket());
  decision.scope = Scope::workload;
  EXPECT_EQ(answer(by(1000, decision)), "");
  hold(2);
  approvals_->flush(kNoon);
  begin("two");
  EXPECT_EQ(ticket(2).outcome, Outcome::cancelled);
  EXPECT_EQ(approvals_->live_grants(), 0u);
  EXPECT_TRUE(kernel_.releases.empty());
  EXPECT_EQ(count("grant_ended"), 1u);
  hold(3);
  EXPECT_GT(approvals_->open_tickets().at(0)->id, 2u) << "an id was used twice";
}

TEST_F(ApprovalServiceTest, GrantsOutliveTheAgentAndAreTakenBack) {
  hold(1);
  Decision decision = approval(ticket());
  decision.scope = Scope::process;
  decision.grant_for = 10min;
  EXPECT_EQ(answer(by(1000, decision)), "");
  approvals_->flush(kNoon);
  const Grant given = kernel_.grants.at(1);
  begin();
  kernel_.grants[1] = given;  // the kernel's tables live on
  ASSERT_EQ(approvals_->grants().size(), 1u);
  kernel_.dead = given.process.pid;
  approvals_->look_after_grants(kNoon);
  EXPECT_TRUE(approvals_->grants().empty());
  EXPECT_TRUE(kernel_.grants.empty());
}

TEST_F(ApprovalServiceTest, WhatCannotBeRecordedIsNotApprovedButDenied) {
  hold(1);
  hold(2, 200);
  approvals_->flush(kNoon);
  const Decision yes = approval(ticket(1)), no = denial(ticket(2));
  // Nothing can be written to it any more.
  ASSERT_TRUE(record_->close());
  EXPECT_THAT(answer(by(1000, yes)), HasSubstr("is not approved: it cannot be recorded"));
  EXPECT_EQ(ticket(1).outcome, Outcome::open);
  EXPECT_TRUE(kernel_.releases.empty());
  EXPECT_NE(approvals_->trouble(), "");
  EXPECT_EQ(answer(by(1000, no)), "");
  EXPECT_NE(kernel_.releases.at(0).answer, HoldAnswer::allow);
  begin();
  approvals_->resume(kNoon);
  EXPECT_EQ(ticket(1).outcome, Outcome::open) << "a decision that was refused came back";
}

TEST_F(ApprovalServiceTest, EveryRefusalHasItsOwnWordAndIsRecorded) {
  hold(1);
  Decision wrong = approval(ticket());
  wrong.digest[0] = wrong.digest[0] == '0' ? '1' : '0';
  EXPECT_THAT(answer(by(1000, wrong)), HasSubstr("the digest differs"));
  approvals_->set_people(*People::parse("people: {bob: {accounts: [unix: 1001]}}", "p",
                                        [](const std::string&) { return std::nullopt; }));
  EXPECT_THAT(answer(by(1000, approval(ticket()))), HasSubstr("in no entry of people.yaml"));
  EXPECT_EQ(answer(by(1001, approval(ticket()))), "");
  EXPECT_THAT(answer(by(1001, approval(ticket()))), HasSubstr("already approved by bob"));
  EXPECT_EQ(count("decision_refused"), 3u);
  EXPECT_EQ(count("decision"), 1u);
}

TEST_F(ApprovalServiceTest, TheWorkloadIsToldWhatItWasRefusedAndWhatToDoInstead) {
  hold(1);
  EXPECT_EQ(answer(by(1000, denial(ticket()))), "");
  ASSERT_EQ(told().size(), 2u);
  EXPECT_EQ(told()[0]["event"], "held");
  const nlohmann::json told = this->told()[1];
  EXPECT_EQ(told["event"], "denied");
  EXPECT_EQ(told["reason"], "denied");
  EXPECT_EQ(told["by"], "unix:1000");
  EXPECT_EQ(told["detail"], "not this quarter");
  EXPECT_EQ(told["object"], "/srv/customers/list.csv");
  EXPECT_NE(told["advice"], "");
}

TEST_F(ApprovalServiceTest, BreakGlassIsRecordedAndAnnouncedBeforeAnythingGoesOn) {
  hold(1);
  const Requester root{UnixAccount{0}, "root (uid 0)", "terminal"};
  ASSERT_TRUE(approvals_->break_glass(kWorkload, "/ai.slice/x", root, "the pager", 15min, kNoon));
  EXPECT_EQ(kernel_.releases.at(0).answer, HoldAnswer::allow);
  const auto events = recorded();
  EXPECT_LT(std::ranges::find(events, "break_glass"), std::ranges::find(events, "released"));
}

TEST_F(ApprovalServiceTest, WhatJoinsATicketThatIsGoneIsJudgedAgainAndNobodyIsAsked) {
  approvals_->join(an_operation(7), kNoon);
  EXPECT_TRUE(approvals_->open_tickets().empty());
  ASSERT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(kernel_.releases[0].hold, 7u);
  EXPECT_EQ(kernel_.releases[0].answer, HoldAnswer::judge_again);
}

TEST_F(ApprovalServiceTest, AQuestionThatReachesNobodyIsNotAsked) {
  approvals_->set_people(*People::parse("people: {bob: {accounts: [unix: 1001]}}", "p",
                                        [](const std::string&) { return std::nullopt; }));
  hold(1);
  EXPECT_EQ(ticket().outcome, Outcome::no_approver);
  ASSERT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(kernel_.releases[0].answer, HoldAnswer::deny);
}

TEST_F(ApprovalServiceTest, WhoRevokesIsThePersonOfTheAccountOrTheAccount) {
  Decision decision = approval((hold(1), ticket()));
  decision.scope = Scope::workload;
  EXPECT_EQ(answer(by(1000, decision)), "");
  approvals_->set_people(*People::parse("people: {bob: {accounts: [unix: 1001]}}", "p",
                                        [](const std::string&) { return std::nullopt; }));
  ASSERT_TRUE(approvals_->revoke(1, {UnixAccount{1001}, "uid 1001", "terminal"}, kNoon));
  EXPECT_EQ(last_recorded("grant_ended")["by"], "bob");
}

}  // namespace
}  // namespace stayd
