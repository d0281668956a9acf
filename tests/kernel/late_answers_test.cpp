// SPDX-License-Identifier: Apache-2.0
// Answers that come when nobody waits any more.
#include <signal.h>

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class LateAnswers : public KernelTest {
 protected:
  LateAnswers() {
    std::ofstream(path("policy.yaml"))
        << "policy: kernel-test\nlabels: {data: [" << path("data") << "]}\n"
        << "network: {default: allow}\nexec: {default: allow}\n"
        << "files: {default: allow, read: {hold: [data]}}\n"
        << "approval: {timeout: 10m}\n";
    assign();
  }

  // A question that nobody waits for any more.
  Json abandoned(const Body& body) {
    const auto actor = tagged(body);
    const Json ticket = question();
    actor->send(SIGKILL);
    EXPECT_TRUE(actor->ends());
    EXPECT_TRUE(eventually([&] { return !look_at(ticket)["caller_left"].is_null(); }));
    EXPECT_EQ(look_at(ticket)["outcome"], "open");
    return ticket;
  }
  // What `stayctl why` says to the workload.
  std::string why() {
    const std::string directory = stayd().socket_path().substr(0, stayd().socket_path().rfind('/'));
    const auto actor =
        tagged(executes("/bin/sh", {"-c", "STAYD_SELF_SOCKET=" + directory + "/self.sock " +
                                              built_program("agent/ctl/stayctl") + " why >" +
                                              path("why") + " 2>&1"}));
    EXPECT_TRUE(actor->ends());
    std::ifstream file(path("why"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void expect_read(const std::string& below) {
    const auto actor = tagged(reads(path(below)));
    ASSERT_TRUE(actor->ends());
    EXPECT_GT(actor->report().value, 0) << below << ": errno " << actor->report().error;
  }
};

TEST_F(LateAnswers, AnApprovalLetsTheNextAttemptThroughOnceWithoutAQuestion) {
  approve(abandoned(reads(customers())));
  expect_read("data/list.csv");
  EXPECT_EQ(questions(), 1u);
  const auto again = tagged(reads(customers()));
  deny(question("open", again->pid()));
  ASSERT_TRUE(again->ends());
  EXPECT_EQ(questions(), 2u) << "one approval, one attempt";
}

TEST_F(LateAnswers, TheWorkloadIsToldThatPeopleAreStillAskedAndThenToTryAgain) {
  const Json ticket = abandoned(reads(customers()));
  EXPECT_THAT(why(), AllOf(HasSubstr("stayd: lingers: open " + customers() + ", nobody waits; "),
                           HasSubstr("(try again: after-approval)")));
  approve(ticket);
  EXPECT_THAT(why(), AllOf(HasSubstr("stayd: approved: open " + customers() + ", by "),
                           HasSubstr(", for one attempt until "), HasSubstr("(try again: now)")));
}

TEST_F(LateAnswers, ADenialRefusesTheNextAttemptAtOnceAndSaysWhy) {
  deny(abandoned(reads(customers())));
  const auto next = tagged(reads(customers()));
  ASSERT_TRUE(next->ends());
  EXPECT_EQ(next->report().error, EPERM);
  EXPECT_EQ(questions(), 1u);
  EXPECT_THAT(why(), HasSubstr("a person said no to this already, and it is denied at once"));
}

TEST_F(LateAnswers, TheNextAttemptJoinsAQuestionThatIsStillOpen) {
  const Json ticket = abandoned(reads(customers()));
  const auto next = tagged(reads(customers()));
  ASSERT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == 1; }));
  approve(ticket);
  ASSERT_TRUE(next->ends());
  EXPECT_GT(next->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
