// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/workflow_channel.h"

#include "unit/channels/teams/teams_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl =
    "https://a.environment.api.powerplatform.com/workflows/1/paths/invoke?sig=s3cret";

class TeamsWorkflow : public TeamsTest {
 protected:
  TeamsWorkflow() {
    database_ = *Database::open(directory_ / "stayd.db", schema());
    store_.emplace(*database_);
    RecordOptions options;
    options.path = directory_ / "record.jsonl";
    options.key_directory = directory_ / "key";
    record_.emplace(*Record::open(std::move(options)));
    approvals_.emplace(*store_, *record_, kernel_, people(),
                       ApprovalService::Callbacks{.changed = [] {}, .flush_soon = [] {}});
    config_.mode = teams::Mode::workflow;
  }
  ~TeamsWorkflow() override {
    if (workflow_) workflow_->stop();
    workflow_.reset();
  }
  std::string create(const std::string& url) {
    config_.workflow_url_file = write_file("workflow", url);
    auto made = teams::WorkflowChannel::create(loop_->get_executor(), config_, *database_,
                                               *approvals_, teams_.proxies());
    if (!made) return made.error().message;
    workflow_ = std::move(*made);
    approvals_->add_channel(*workflow_);
    workflow_->start();
    return {};
  }

  std::unique_ptr<teams::WorkflowChannel> workflow_;
};

TEST_F(TeamsWorkflow, PostsTheQuestionAndItsEnd) {
  ASSERT_EQ(create(kUrl), "");
  hold(1);
  approvals_->flush(now());
  ASSERT_TRUE(until([&] { return teams_.total() == 1; }));
  const json first = teams_.calls()[0].body;
  EXPECT_EQ(first["attachments"][0]["content"]["version"], "1.4");
  EXPECT_THAT(first.dump(), HasSubstr("/srv/customers/list.csv"));
  EXPECT_THAT(first.dump(), Not(HasSubstr("Action.Execute")));
  approvals_->release_workload(kWorkload, now());
  approvals_->flush(now());
  ASSERT_TRUE(until([&] { return teams_.total() == 2; }));
  EXPECT_THAT(teams_.calls()[1].body.dump(), HasSubstr("Cancelled"));
}

TEST_F(TeamsWorkflow, IsSentToHostsOfWorkflowsOnly) {
  const std::string error = create("https://evil.example/?sig=s3cret");
  EXPECT_THAT(error, HasSubstr("no host of workflows"));
  EXPECT_THAT(error, Not(HasSubstr("s3cret")));
  EXPECT_FALSE(teams::is_workflow_host("logic.azure.com.evil.example"));
  EXPECT_TRUE(teams::is_workflow_host("prod-1.westeurope.logic.azure.com"));
}

TEST_F(TeamsWorkflow, TriesAgainAndSaysWhatIsWrongWithoutTheSecret) {
  teams_.set_faults([left = 1](const FakeTeams::Call&) mutable {
    return left-- > 0 ? FakeTeams::Answer{.status = 503} : FakeTeams::Answer{.status = 202};
  });
  ASSERT_EQ(create(kUrl), "");
  hold(1);
  approvals_->flush(now());
  ASSERT_TRUE(until([&] { return !workflow_->trouble().empty(); }));
  EXPECT_THAT(workflow_->trouble(), Not(HasSubstr("s3cret")));
  ASSERT_TRUE(until([&] { return teams_.total() == 2; }));
  EXPECT_TRUE(until([&] { return workflow_->trouble().empty(); }));
}

TEST_F(TeamsWorkflow, ReachesNobodyForSure) {
  ASSERT_EQ(create(kUrl), "");
  EXPECT_FALSE(workflow_->reaches(*approvals_->people().find("alice")));
}

}  // namespace
}  // namespace stayd
