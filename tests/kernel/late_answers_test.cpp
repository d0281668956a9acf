// SPDX-License-Identifier: Apache-2.0
// Answers that come when nobody waits any more.
#include <signal.h>

#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

class LateAnswers : public KernelTest {
 protected:
  LateAnswers() {
    std::ofstream(path("policy.yaml"))
        << "policy: kernel-test\nlabels: {data: [" << path("data") << "]}\n"
        << "network: {default: allow}\n"
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

TEST_F(LateAnswers, ADenialRefusesTheNextAttemptAtOnce) {
  deny(abandoned(reads(customers())));
  const auto next = tagged(reads(customers()));
  ASSERT_TRUE(next->ends());
  EXPECT_EQ(next->report().error, EPERM);
  EXPECT_EQ(questions(), 1u);
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
