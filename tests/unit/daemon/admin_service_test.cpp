// SPDX-License-Identifier: Apache-2.0
#include "daemon/admin_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "daemon/self_answers.h"
#include "unit/intake/desk_on_disk.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

People alice_and_bob() {
  return *People::parse(
      "people: {alice: {name: Alice Ng, accounts: [unix: 1001]}, bob: {accounts: [unix: 1002]}}",
      "people.yaml", [](const std::string&) { return std::nullopt; });
}

class AdminServices : public ::testing::Test {
 protected:
  AdminServices() {
    desk_.approvals->add_channel(terminal_);
    WorkloadFacts& workload = desk_.gate.add_workload();
    workload.not_labelled = {"/srv/x: nothing is there"};
  }

  void hold(HoldId id = 1, std::uint64_t inode = 100) { desk_.take(a_reported(id, inode)); }
  Decision approval(TicketId id = 1) {
    return {.ticket = id, .digest = desk_.approvals->find(id)->digest, .choice = Choice::approve};
  }
  std::string decide(const Decision& decision, const Peer& peer) {
    const Result<nlohmann::json> decided = service_.decide(decision, peer);
    return decided ? "" : decided.error().message;
  }

  const Peer alice_{.pid = 50, .uid = 1001, .gid = 1001, .name = "alice"};
  const Peer root_{.pid = 51, .uid = 0, .gid = 0, .name = "root"};

  DeskOnDisk desk_{alice_and_bob()};
  boost::asio::io_context context_;
  int announced_ = 0;
  TerminalChannel terminal_{[this] { ++announced_; }};
  TempDir directory_;
  RuleProposer proposer_{desk_.gate, *desk_.approvals, directory_ / "proposals", {}};
  LearningSessions learning_{
      context_.get_executor(),
      {.put_under = [this](const std::string& cgroup, const std::optional<Policy>& to) {
        return to && to->report_once ? desk_.gate.put_under(cgroup, *to)
                                     : desk_.gate.put_back(cgroup, to);
      }}};
  Result<People> people_file_ = alice_and_bob();
  AdminService service_{
      {.gate = desk_.gate,
       .approvals = *desk_.approvals,
       .record = *desk_.record,
       .terminal = terminal_,
       .proposer = proposer_,
       .learning = learning_,
       .load_people = [this] { return people_file_; },
       .packs = packs_of({{"secrets", pack_text("secrets", "labels: {x: [/x]}\n")}}),
       .clock = [this] { return desk_.now; }}};
};

TEST_F(AdminServices, AWorkloadIsNotAdmittedByWhateverItConnectedOrHasBecome) {
  EXPECT_TRUE(service_.admit(alice_));
  Peer tagged = alice_;
  tagged.workload = kWorkload;
  EXPECT_FALSE(service_.admit(tagged));
  desk_.gate.tags[alice_.process()] = kWorkload;
  EXPECT_FALSE(service_.admit(alice_));
  desk_.gate.ended.insert(alice_.process());
  EXPECT_THAT(service_.admit(alice_).error().message, HasSubstr("the process that connected"));
}

TEST_F(AdminServices, AnAnswerIsThePersonsWhoseAccountTheKernelSays) {
  hold();
  Decision decision = approval();
  decision.person = "bob";
  decision.name = "Bob";
  decision.channel = "elsewhere";
  EXPECT_EQ(decide(decision, alice_), "");
  const Decision& counted = desk_.approvals->find(1)->decisions.at(0);
  EXPECT_EQ(counted.person, "alice");
  EXPECT_EQ(counted.name, "Alice Ng");
  EXPECT_EQ(counted.account, "unix:1001");
  EXPECT_EQ(counted.channel, "terminal");
  EXPECT_TRUE(counted.behind.empty());
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow"));
}

TEST_F(AdminServices, ARootShellMayBeWhoeverLoggedIn) {
  hold();
  Peer sudo = alice_;
  sudo.uid = 1002;
  sudo.login_uid = 1001;
  EXPECT_EQ(decide(approval(), sudo), "");
  const Decision& counted = desk_.approvals->find(1)->decisions.at(0);
  EXPECT_EQ(counted.person, "bob");
  EXPECT_THAT(counted.behind, ElementsAre("alice"));
}

TEST_F(AdminServices, AnAccountOfNobodyIsRefusedAndTheRefusalIsRecorded) {
  hold();
  Peer stranger = alice_;
  stranger.uid = 4711;
  EXPECT_THAT(decide(approval(), stranger), HasSubstr("in no entry of people.yaml"));
  EXPECT_EQ(desk_.recorded("decision_refused").size(), 1u);
  EXPECT_TRUE(desk_.calls().empty());
}

TEST_F(AdminServices, BreakGlassIsForRootAndForWorkloadsThatThereAre) {
  hold();
  const std::string cgroup = "/ai.slice/support-agent.service";
  EXPECT_THAT(service_.break_glass(cgroup, 5min, "the pager", alice_).error().message,
              HasSubstr("only root"));
  EXPECT_THAT(service_.break_glass("/ai.slice/none", 5min, "the pager", root_).error().message,
              HasSubstr("not a workload"));
  const Result<nlohmann::json> broken = service_.break_glass(cgroup, 5min, "the pager", root_);
  ASSERT_TRUE(broken) << broken.error().message;
  EXPECT_EQ((*broken)["seconds"], 300);
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow"));
  EXPECT_EQ(announced_, 1);
  ASSERT_EQ(service_.announcements().size(), 1u);
  EXPECT_EQ(service_.announcements()[0]["number"], 1);
}

TEST_F(AdminServices, TheRevisionDiffersWithEachTicketAndEachAnnouncement) {
  const std::uint64_t before = service_.revision();
  hold();
  const std::uint64_t held = service_.revision();
  EXPECT_NE(held, before);
  terminal_.announce("x");
  EXPECT_NE(service_.revision(), held);
}

TEST_F(AdminServices, TheStatusIsTheGatesAndTheDesks) {
  hold();
  desk_.gate.shown.enforcement = "lsm";
  desk_.gate.shown.load.waiting = 3;
  desk_.gate.shown.workloads_of_strays = 4;
  desk_.gate.shown.refused_cgroups = {"/ai.slice/one-too-many\n"};
  desk_.gate.shown.counters = {{"events_lost", 2}};
  desk_.gate.labels = 1;
  const nlohmann::json status = service_.status();
  EXPECT_EQ(status["enforcement"], "lsm");
  EXPECT_EQ(status["gatekeeper"]["waiting"], 3);
  EXPECT_EQ(status["counters"]["events_lost"], 2);
  EXPECT_EQ(status["workloads_of_strays"], 4);
  EXPECT_EQ(status["workloads_refused"], nlohmann::json({"/ai.slice/one-too-many\\n"}));
  EXPECT_EQ(status["tickets_open"], 1);
  EXPECT_EQ(status["people"], 2);
  ASSERT_EQ(status["workloads"].size(), 1u);
  EXPECT_EQ(status["workloads"][0]["touched"], nlohmann::json({"customer-data"}));
  EXPECT_EQ(status["workloads"][0]["not_labelled"][0], "/srv/x: nothing is there");
  EXPECT_EQ(status["channels"][0]["name"], "terminal");
}

TEST_F(AdminServices, TheSummarySaysWhetherAPolicyIsNotInForce) {
  desk_.gate.shown.enforcement = "lsm";
  EXPECT_EQ(service_.summary(), "Enforcing (lsm); workloads: 1");
  desk_.gate.shown.policy_faults = 2;
  EXPECT_THAT(service_.summary(), HasSubstr("policies that could not be applied: 2"));
}

TEST_F(AdminServices, PeopleAreReadBeforeThePoliciesThatNameThem) {
  people_file_ = People::without_file();
  ASSERT_TRUE(service_.reload());
  EXPECT_THAT(desk_.calls(), ElementsAre("reload with 0 people"));
}

TEST_F(AdminServices, AReloadKeepsThePeopleThereAreAndSaysAllThatIsWrong) {
  people_file_ = Error{"people.yaml:1: broken"};
  desk_.gate.refusal = "policy.yaml:2: broken";
  const Result<nlohmann::json> reloaded = service_.reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().message, "people.yaml:1: broken\npolicy.yaml:2: broken");
  EXPECT_THAT(desk_.calls(), ElementsAre("reload with 2 people"));
}

TEST_F(AdminServices, LearningRemembersThePolicyThatTheWorkloadWasUnder) {
  const std::string cgroup = "/ai.slice/support-agent.service";
  ASSERT_TRUE(service_.start_learning(cgroup, 1h, {}));
  ASSERT_TRUE(service_.end_learning("/sys/fs/cgroup" + cgroup));
  const std::vector<std::string> calls = desk_.calls();
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[1], "put " + cgroup + " back under support-agent");
}

TEST_F(AdminServices, WhatTheGateRefusesIsTheAnswer) {
  desk_.gate.refusal = "there are 256 workloads already";
  EXPECT_EQ(service_.assign("/a", "/p").error().message, desk_.gate.refusal);
  EXPECT_EQ(service_.release("/a").error().message, desk_.gate.refusal);
}

TEST_F(AdminServices, AWorkloadIsToldOfItsOwnHoldsAndDenialsOnly) {
  SelfAnswers answers(desk_.gate, *desk_.approvals, *desk_.contexts,
                      {.clock = [this] { return desk_.now; }});
  hold();
  const WorkloadId other{.slot = 8, .generation = 1};
  EXPECT_EQ(answers.holds(kWorkload)["holds"].size(), 1u);
  EXPECT_EQ(answers.holds(kWorkload)["holds"][0]["object"], "/srv/customers/list.csv");
  EXPECT_EQ(answers.holds(kWorkload)["holds"][0]["threads"], 1);
  EXPECT_TRUE(answers.holds(other)["holds"].empty());
  EXPECT_EQ(service_
                .decide({.ticket = 1,
                         .digest = desk_.approvals->find(1)->digest,
                         .choice = Choice::deny,
                         .reason = "not today"},
                        alice_)
                .has_error(),
            false);
  EXPECT_EQ(answers.denials(kWorkload, 0)["denials"].size(), 1u);
  EXPECT_TRUE(answers.denials(other, 0)["denials"].empty());
}

TEST_F(AdminServices, AWorkloadAsksOnlyForWhatCameAfterANumber) {
  SelfAnswers answers(desk_.gate, *desk_.approvals, *desk_.contexts,
                      {.clock = [this] { return desk_.now; }});
  hold();
  const nlohmann::json first = answers.events(kWorkload, 0);
  ASSERT_EQ(first["events"].size(), 1u);
  EXPECT_EQ(first["events"][0]["event"], "held");
  EXPECT_EQ(first["events"][0]["retry"], "after-approval");
  EXPECT_EQ(first["events"][0]["seq"], answers.holds(kWorkload)["holds"][0]["seq"]);
  EXPECT_EQ(first["seq"], answers.latest(kWorkload));
  EXPECT_EQ(first["complete"], true);
  EXPECT_TRUE(answers.events(kWorkload, answers.latest(kWorkload))["events"].empty());
  EXPECT_TRUE(answers.denials(kWorkload, 0)["denials"].empty()) << "what waits is not refused";
}

TEST_F(AdminServices, AReaderIsGivenEachEventOnceAndANewOneNothingOld) {
  SelfAnswers answers(desk_.gate, *desk_.approvals, *desk_.contexts,
                      {.clock = [this] { return desk_.now; }});
  const auto read = [&](const std::string& reader) {
    return answers.unread(kWorkload, reader)["events"].size();
  };
  hold();
  EXPECT_EQ(read("claude/1"), 1u);
  EXPECT_EQ(read("claude/1"), 0u);
  EXPECT_EQ(read("claude/2"), 1u) << "each has its own";
  desk_.now += std::chrono::minutes(31);
  desk_.approvals->tick(desk_.now);
  EXPECT_EQ(read("claude/2"), 1u);
  EXPECT_EQ(read("claude/1"), 1u);
  EXPECT_EQ(read("codex/1"), 1u) << "what was held half an hour ago is not its news";
  answers.forget(kWorkload);
  EXPECT_EQ(read("claude/1"), 1u);
}

TEST_F(AdminServices, AWorkloadThatWasReleasedIsNoneAnyMore) {
  SelfAnswers answers(desk_.gate, *desk_.approvals, *desk_.contexts, {});
  Peer inside = alice_;
  EXPECT_FALSE(answers.workload_of(inside));
  inside.workload = kWorkload;
  EXPECT_EQ(answers.workload_of(inside), kWorkload);
  desk_.gate.known_workloads.clear();
  EXPECT_FALSE(answers.workload_of(inside));
}

TEST_F(AdminServices, AnIntentIsRecordedAndShownOnTheNextTicket) {
  SelfAnswers answers(desk_.gate, *desk_.approvals, *desk_.contexts,
                      {.clock = [this] { return desk_.now; }});
  answers.declare_intent(kWorkload, alice_, "to count customers");
  hold();
  EXPECT_EQ(desk_.approvals->find(1)->evidence.intent->text, "to count customers");
  EXPECT_EQ(desk_.recorded("intent").size(), 1u);
}

}  // namespace
}  // namespace stayd
