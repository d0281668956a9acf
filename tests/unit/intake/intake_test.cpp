// SPDX-License-Identifier: Apache-2.0
#include "intake/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/parser.h"
#include "stayd/counters.h"
#include "unit/intake/desk_on_disk.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

Operation a_connect(HoldId hold, std::uint8_t last_byte) {
  Operation operation = a_reported(hold, 0);
  operation.kind = OperationKind::connect;
  operation.path.clear();
  operation.endpoint = {.port = 443, .protocol = 6};
  operation.endpoint.address[15] = last_byte;
  operation.object = {};
  operation.object.address[15] = last_byte;
  operation.object.port = 443;
  operation.object.protocol = 6;
  operation.object.operation = STAYD_OP_CONNECT;
  operation.object.access = 1u << STAYD_ACCESS_NETWORK;
  return operation;
}

class Intakes : public ::testing::Test {
 protected:
  static Operation done(Disposition disposition) {
    Operation operation = a_reported(0);
    operation.disposition = disposition;
    return operation;
  }
  const Ticket& ticket(TicketId id = 1) { return *desk_.approvals->find(id); }
  // What the workload may read of itself.
  std::vector<SelfEvent> told() {
    std::vector<SelfEvent> events;
    for (const SelfEvent* event : desk_.approvals->told().since(kWorkload, 0).events)
      events.push_back(*event);
    return events;
  }

  DeskOnDisk desk_;
};

TEST_F(Intakes, WhatIsHeldOpensATicketThatSaysUnderWhichPolicyAndRule) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  EXPECT_EQ(ticket().workload, "/ai.slice/support-agent.service");
  EXPECT_EQ(ticket().policy, "support-agent");
  EXPECT_EQ(ticket().rule, "files.read: hold [customer-data]");
  EXPECT_EQ(ticket().operation.time, desk_.now);
  EXPECT_EQ(ticket().operation.caller.cgroup, "/ai.slice/support-agent.service");
  EXPECT_THAT(desk_.calls(), IsEmpty()) << "nothing is answered before a person has";
}

TEST_F(Intakes, WhatJoinsATicketIsNotLookedUp) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  EXPECT_EQ(desk_.described, 1);
  desk_.take(a_reported(2));
  EXPECT_EQ(desk_.described, 1);
  EXPECT_EQ(ticket().holds, (std::vector<HoldId>{1, 2}));
  EXPECT_EQ(desk_.recorded("hold_joined").size(), 1u);
  EXPECT_EQ(desk_.recorded("ticket_opened").size(), 1u);
}

TEST_F(Intakes, WhatWasHeldByAReplacedPolicyIsJudgedAgain) {
  desk_.gate.add_workload();
  Operation operation = a_reported(1);
  operation.policy = RecordedGate::kPolicy - 1;
  desk_.take(operation);
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: judge again"));
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
  EXPECT_THAT(desk_.events(), Not(Contains("operation")));
}

TEST_F(Intakes, AnOperationOfNoWorkloadIsRecordedAndDenied) {
  desk_.take(a_reported(1));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: deny"));
  ASSERT_EQ(desk_.recorded("operation").size(), 1u);
  EXPECT_EQ(desk_.recorded("operation")[0]["rule"], "unknown workload: denied");
}

TEST_F(Intakes, TheSelfTestIsRecordedAsWhatItIs) {
  Operation operation = done(Disposition::denied);
  operation.workload = DeskOnDisk::kSelfTest;
  desk_.take(operation);
  EXPECT_THAT(desk_.calls(), IsEmpty());
  EXPECT_EQ(desk_.recorded("operation").at(0)["rule"], "self-test");
}

TEST_F(Intakes, WhatIsDeniedIsRecordedWithItsRuleAndToldToTheWorkload) {
  desk_.gate.add_workload();
  desk_.take(done(Disposition::denied));
  EXPECT_EQ(desk_.recorded("operation").at(0)["rule"], "files.read: hold [customer-data]");
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0].reason, "policy");
  EXPECT_EQ(told()[0].rule.text, "files.read: hold [customer-data]");
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

TEST_F(Intakes, WhatCouldNotBeJudgedIsRecordedWithItsCauseAndMayBeTriedAgain) {
  desk_.gate.add_workload();
  Operation operation = done(Disposition::denied);
  operation.failure = STAYD_COUNT_denied_ring_full;
  desk_.take(operation);
  ASSERT_EQ(told().size(), 1u);
  const SelfEvent denial = told()[0];
  EXPECT_EQ(denial.reason, "unjudged");
  EXPECT_EQ(denial.retry, Retry::now);
  EXPECT_EQ(desk_.recorded("operation").at(0)["rule"], denial.detail);
  EXPECT_EQ(denial.rule, RuleReference{}) << "no rule has said anything";
}

TEST_F(Intakes, ArgumentsThatCouldNotBeReadAreSaidToTheWorkload) {
  desk_.gate.add_workload();
  Operation operation = done(Disposition::denied);
  operation.kind = OperationKind::exec;
  operation.failure = STAYD_COUNT_denied_argv_unreadable;
  desk_.take(operation);
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0].detail, "the arguments could not be read");
}

TEST_F(Intakes, WhatCanNeverBeJudgedIsNotWorthAnotherTry) {
  desk_.gate.add_workload();
  Operation operation = done(Disposition::denied);
  operation.failure = STAYD_COUNT_denied_path_too_deep;
  desk_.take(operation);
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0].reason, "unsupported");
  EXPECT_EQ(told()[0].retry, Retry::never);
}

TEST_F(Intakes, ADenialNamesFileLineAndEntryOfTheRuleThatMatched) {
  const Result<Policy> policy = parse_policy(
      "policy: agent\n"
      "labels: {secrets: [/home/dev/.ssh, \"**/.env\", /srv/customers]}\n"
      "network: {default: hold}\n"
      "files:\n"
      "  default: allow\n"
      "  read: {deny: [secrets]}\n"
      "exec: {default: allow}\n",
      "/etc/stayd/policies/agent.yaml");
  ASSERT_TRUE(policy) << policy.error().message;
  WorkloadFacts& workload = desk_.gate.add_workload();
  workload.policy = *policy;
  workload.rules = {{.text = "default"}, words_of(policy->paths.at(0).rule)};
  desk_.take(done(Disposition::denied));
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0].rule, (RuleReference{"/etc/stayd/policies/agent.yaml", 6,
                                           "files.read.deny: secrets (/srv/customers)"}));
}

TEST_F(Intakes, WhatWasDeniedWhileNoStaydWasRunningIsSaidAsThat) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.take(a_reported(2, 101));
  desk_.take(HoldGone{1, HoldEnd::caller_gone, DeskOnDisk::kBegan - 1});
  desk_.take(HoldGone{2, HoldEnd::caller_gone, DeskOnDisk::kBegan + 1});
  ASSERT_EQ(told().size(), 4u);
  EXPECT_EQ(told()[2].reason, "unattended");
  EXPECT_EQ(told()[2].retry, Retry::now);
  EXPECT_EQ(told()[3].what, SelfEvent::What::lingers);
}

TEST_F(Intakes, AWorkloadIsToldThatSomethingMayBeMissing) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  const std::uint64_t before = desk_.approvals->told().latest(kWorkload);
  EXPECT_TRUE(desk_.approvals->told().since(kWorkload, before).complete);
  desk_.take(OperationsLeftOut{17});
  EXPECT_FALSE(desk_.approvals->told().since(kWorkload, before).complete);
}

TEST_F(Intakes, WhatWentOnIsRecordedAndNoDenial) {
  desk_.gate.add_workload();
  desk_.take(done(Disposition::audited));
  EXPECT_EQ(desk_.recorded("operation").size(), 1u);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Intakes, WhatCouldNotWaitIsAskedAboutForALaterTry) {
  desk_.gate.add_workload();
  desk_.take(a_reported(0));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 1u);
  EXPECT_TRUE(ticket().holds.empty());
}

TEST_F(Intakes, WhoeverLearnsSeesWhatTheWorkloadsDoAndNothingElse) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.take(done(Disposition::audited));
  Operation other = a_reported(2);
  other.workload = {.slot = 9, .generation = 9};
  desk_.take(other);
  EXPECT_THAT(desk_.observed,
              ElementsAre("/ai.slice/support-agent.service", "/ai.slice/support-agent.service"));
}

TEST_F(Intakes, AHoldThatEndedTakesItsTicketWithItWhereNothingLingers) {
  desk_.gate.add_workload().policy.approval.linger = 0s;
  desk_.take(a_reported(1));
  desk_.take(HoldGone{1, HoldEnd::caller_gone});
  EXPECT_EQ(ticket().outcome, Outcome::cancelled);
  EXPECT_THAT(desk_.calls(), IsEmpty());
}

TEST_F(Intakes, WhatWasDeniedWhenNobodyWaitedIsRefusedWithoutAQuestion) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.take(HoldGone{1, HoldEnd::caller_gone});
  ASSERT_EQ(ticket().outcome, Outcome::open);
  Decision no = denial(ticket());
  ASSERT_TRUE(desk_.approvals->answer({std::move(no), UnixAccount{1001}}, desk_.now));
  desk_.take(a_reported(2));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 2: deny"));
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
  EXPECT_EQ(desk_.described, 1) << "it is not shown to anybody";
  EXPECT_EQ(desk_.observed.size(), 2u);
  EXPECT_EQ(told().back().reason, "denied_before");
  EXPECT_EQ(told().back().rule.text, "files.read: hold [customer-data]");
  desk_.take(a_reported(0));
  EXPECT_TRUE(desk_.approvals->open_tickets().empty()) << "also what cannot wait";
  desk_.now += 30min;
  desk_.take(a_reported(3));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 1u);
}

TEST_F(Intakes, WhatAnApprovedDirectoryHoldsIsAnsweredWithoutATicket) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  Decision yes = approval(ticket());
  yes.scope = Scope::directory;
  yes.grant_for = 15min;
  ASSERT_TRUE(desk_.approvals->answer({std::move(yes), UnixAccount{1001}}, desk_.now));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow"));
  for (HoldId hold = 2; hold < 62; ++hold) {
    desk_.inode = hold;
    desk_.take(a_reported(hold, hold));
  }
  EXPECT_EQ(desk_.calls().size(), 60u);
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
  EXPECT_EQ(desk_.recorded("ticket_opened").size(), 1u);
  EXPECT_EQ(desk_.recorded("operation").size(), 60u);
  desk_.take(PlacesChanged{kWorkload});
  desk_.inode = 100;
  desk_.take(a_reported(100, 100));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 100: allow")) << "places do not end it";
  desk_.take(WorkloadAssigned{kWorkload, "/ai.slice/x", "other", "/etc/other.yaml"});
  desk_.take(a_reported(101, 101));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 1u) << "another policy does";
}

TEST_F(Intakes, WhereItIsNotKnownWhereAFileIsNoDirectoryIsApproved) {
  desk_.gate.add_workload();
  desk_.has_steps = false;
  desk_.take(a_reported(1));
  EXPECT_THAT(ticket().scopes, Not(Contains(Scope::directory)));
  desk_.has_steps = true;
  desk_.inode = 200;
  desk_.take(a_reported(2, 200));
  EXPECT_THAT(ticket(2).scopes, Contains(Scope::directory));
}

TEST_F(Intakes, NamesThatOnlyTheWorkloadVouchesForAreNoHost) {
  desk_.gate.add_workload().policy.confirm_dns = false;
  desk_.gate.names = {"files.example.org"};
  desk_.take(a_connect(1, 1));
  desk_.take(a_connect(2, 2));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 2u);
  EXPECT_THAT(ticket().scopes, Not(Contains(Scope::host)));
  EXPECT_EQ(ticket().called, std::vector<std::string>{"files.example.org"});
}

TEST_F(Intakes, WithoutAResolverInThePolicyANameIsShownAsTheWorkloadsWord) {
  desk_.gate.add_workload().policy.resolvers.clear();
  desk_.gate.names = {"files.example.org"};
  desk_.take(a_connect(1, 1));
  EXPECT_TRUE(ticket().names.empty());
  EXPECT_EQ(ticket().called, std::vector<std::string>{"files.example.org"});
}

TEST_F(Intakes, AHostThatOneWorkloadIsToldOfIsNoOtherWorkloads) {
  constexpr WorkloadId kOther{.slot = 4, .generation = 1};
  desk_.gate.add_workload();
  desk_.gate.add_workload(kOther);
  desk_.gate.names = {"files.example.org"};
  const auto connect = [](HoldId hold, std::uint8_t last, WorkloadId workload) {
    Operation operation = a_connect(hold, last);
    operation.workload = workload;
    return operation;
  };
  desk_.take(connect(1, 1, kWorkload));
  Decision yes = approval(ticket());
  yes.scope = Scope::host;
  yes.grant_for = 15min;
  ASSERT_TRUE(desk_.approvals->answer({std::move(yes), UnixAccount{1001}}, desk_.now));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow"));
  desk_.take(connect(2, 2, kWorkload));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 2: allow"));
  desk_.take(connect(3, 2, kOther));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 1u) << "the other workload is asked about";
  desk_.gate.names = {"elsewhere.example.org"};
  desk_.take(connect(4, 3, kWorkload));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 2u) << "stayd knows the address otherwise";
  desk_.gate.names = {};
  desk_.take(connect(5, 4, kWorkload));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 3u) << "stayd does not know the address";
}

TEST_F(Intakes, AddressesOfOneNameAreOneTicket) {
  desk_.gate.add_workload();
  desk_.gate.names = {"files.example.org"};
  desk_.take(a_connect(1, 1));
  desk_.take(a_connect(2, 2));
  ASSERT_EQ(desk_.approvals->open_tickets().size(), 1u);
  EXPECT_EQ(ticket().names, std::vector<std::string>{"files.example.org"});
  EXPECT_EQ(ticket().holds, (std::vector<HoldId>{1, 2}));
  EXPECT_EQ(desk_.described, 1);
  ASSERT_TRUE(desk_.approvals->answer({approval(ticket()), UnixAccount{1001}}, desk_.now));
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: allow", "release 2: allow"));
  desk_.gate.names = {};
  desk_.take(a_connect(3, 3));
  desk_.take(a_connect(4, 4));
  EXPECT_EQ(desk_.approvals->open_tickets().size(), 2u) << "nobody knows that they are one host";
}

TEST_F(Intakes, AnotherPolicySupersedesWhatIsAskedAndIsRecorded) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.take(WorkloadAssigned{kWorkload, "/ai.slice/x", "other", "/etc/other.yaml"});
  EXPECT_EQ(ticket().outcome, Outcome::superseded);
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: judge again"));
  EXPECT_EQ(desk_.recorded("assigned").size(), 1u);
}

TEST_F(Intakes, FilesThatMovedSupersedeWhatIsAsked) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.take(PlacesChanged{kWorkload});
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: judge again"));
  EXPECT_TRUE(desk_.recorded("assigned").empty());
}

TEST_F(Intakes, AWorkloadThatEndsIsForgottenAndWhatItWaitedForIsDenied) {
  desk_.gate.add_workload();
  desk_.take(a_reported(1));
  desk_.contexts->declare(kWorkload, {.text = "to look", .declared = desk_.now});
  desk_.take(WorkloadEnded{kWorkload, "/ai.slice/x"});
  EXPECT_THAT(desk_.calls(), ElementsAre("release 1: deny"));
  EXPECT_THAT(desk_.forgotten, ElementsAre(kWorkload));
  EXPECT_EQ(desk_.contexts->intent_of(kWorkload), nullptr);
  EXPECT_EQ(desk_.recorded("unassigned").size(), 1u);
}

TEST_F(Intakes, LabelsProgramsAndLossesAreRecorded) {
  desk_.gate.add_workload();
  desk_.take(LabelsRead{kWorkload, 1, 4242});
  desk_.take(ArgumentsChanged{4243});
  desk_.take(OperationsLeftOut{17});
  EXPECT_EQ(desk_.recorded("touched").at(0)["labels"], nlohmann::json({"customer-data"}));
  EXPECT_EQ(desk_.recorded("killed").size(), 1u);
  EXPECT_EQ(desk_.recorded("left_out").at(0)["operations"], 17);
}

}  // namespace
}  // namespace stayd
