// SPDX-License-Identifier: Apache-2.0
#include "intake/ticket_context_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/intake/desk_on_disk.h"

namespace stayd {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;

class TicketContexts : public ::testing::Test {
 protected:
  TicketContext prepare(const Operation& operation) {
    return desk_.contexts->prepare(operation, *desk_.gate.workload(kWorkload),
                                   People::without_file(), kNoon);
  }

  DeskOnDisk desk_;
  WorkloadFacts& workload_ = desk_.gate.add_workload();
};

TEST_F(TicketContexts, TheRuleIsThatOfTheVersionWhichJudged) {
  workload_.earlier_rules = {
      {RecordedGate::kPolicy - 1, {{.text = "files.default"}, {.text = "an earlier rule"}}}};
  Operation operation = a_reported(1);
  EXPECT_EQ(rule_words(workload_, operation).text, "files.read: hold [customer-data]");
  operation.policy = RecordedGate::kPolicy - 1;
  EXPECT_EQ(rule_words(workload_, operation).text, "an earlier rule");
  operation.policy = RecordedGate::kPolicy - 2;
  EXPECT_EQ(rule_words(workload_, operation).text, "a rule of an earlier version of the policy");
}

TEST_F(TicketContexts, WhereNoRuleDecidedTheDefaultDid) {
  Operation operation = a_reported(1);
  operation.rule = 0;
  EXPECT_EQ(rule_words(workload_, operation).text, "files.default");
  operation.rule = 99;
  EXPECT_EQ(rule_words(workload_, operation).text, "files.default");
  operation.kind = OperationKind::connect;
  EXPECT_EQ(rule_words(workload_, operation).text, "network.default");
}

TEST_F(TicketContexts, TheApprovalIsTheOneThatThePolicyHasForTheRule) {
  workload_.policy.approval.approvers = {"everybody"};
  ApprovalFor data{.rule = "customer-data"};
  data.approval.approvers = {"stewards"};
  workload_.policy.approval_for = {data};
  EXPECT_THAT(prepare(a_reported(1)).approval.approvers, ElementsAre("stewards"));
  Operation other = a_reported(1);
  other.rule = 0;
  EXPECT_THAT(prepare(other).approval.approvers, ElementsAre("everybody"));
}

TEST_F(TicketContexts, TheClassOfTheRuleSaysWhoIsAsked) {
  workload_.rules[1].rule_class = RuleClass::data_export;
  ApprovalFor exports{.rule_class = RuleClass::data_export};
  exports.approval.approvers = {"stewards"};
  workload_.policy.approval_for = {exports};
  const TicketContext context = prepare(a_reported(1));
  EXPECT_EQ(context.rule_class, RuleClass::data_export);
  EXPECT_THAT(context.approval.approvers, ElementsAre("stewards"));
  Operation other = a_reported(1);
  other.rule = 0;
  EXPECT_TRUE(prepare(other).approval.approvers.empty());
}

TEST_F(TicketContexts, NobodyAnswersForWhatIsTheirs) {
  workload_.policy.owner = "1007";
  Operation operation = a_reported(1);
  operation.caller.uid = 1001;
  operation.caller.login_uid = 1002;
  desk_.contexts->declare(kWorkload, {.text = "x", .declared = kNoon, .login_uid = 1003});
  const std::vector<Excluded> excluded = prepare(operation).excluded;
  for (const char* each : {"unix:1001", "unix:1002", "unix:1003"})
    EXPECT_THAT(excluded, Contains(Field(&Excluded::person, each)));
}

TEST_F(TicketContexts, RootIsNotExcludedForWhatRunsAsRoot) {
  Operation operation = a_reported(1);
  operation.caller.uid = 0;
  operation.caller.login_uid = 0;
  EXPECT_TRUE(prepare(operation).excluded.empty());
}

TEST_F(TicketContexts, TheEvidenceIsWhatTheGateHasNotedOfTheWorkload) {
  desk_.gate.labels = 0b10;
  desk_.gate.files.count = 3;
  desk_.gate.files.latest = {{.device = 1, .path = "/srv/a.csv"}, {.device = 0, .path = "…/b"}};
  desk_.gate.names = {"api.example.com"};
  desk_.gate.data_sent.bytes = 10;
  desk_.gate.data_sent.to.resize(Evidence::kMaxDestinations + 1);
  const Evidence evidence = prepare(a_reported(1)).evidence;
  EXPECT_THAT(evidence.touched, ElementsAre("secrets"));
  EXPECT_THAT(evidence.files_read, ElementsAre("/srv/a.csv", "…/b"));
  EXPECT_EQ(evidence.files_read_count, 3u);
  EXPECT_EQ(evidence.bytes_sent, 10u);
  ASSERT_EQ(evidence.sent.size(), Evidence::kMaxDestinations);
  EXPECT_THAT(evidence.sent[0].names, ElementsAre("api.example.com"));
  EXPECT_EQ(evidence.unit, "support-agent.service");
}

TEST_F(TicketContexts, TheLatestIntentCountsUntilTheWorkloadEnds) {
  desk_.contexts->declare(kWorkload, {.text = "one", .declared = kNoon});
  desk_.contexts->declare(kWorkload, {.text = "two", .declared = kNoon});
  EXPECT_EQ(prepare(a_reported(1)).evidence.intent->text, "two");
  desk_.contexts->forget(kWorkload);
  EXPECT_FALSE(prepare(a_reported(1)).evidence.intent);
}

}  // namespace
}  // namespace stayd
