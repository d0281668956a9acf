// SPDX-License-Identifier: Apache-2.0
// Without an agent everything that would be held is denied, and nothing hangs.
#include <signal.h>

#include <functional>
#include <memory>
#include <vector>

#include "kernel_test.h"

namespace stayd::test {
namespace {

// The kernel side waits two seconds for an agent; the rest is for a slow machine.
constexpr milliseconds kLimit{4000};
// After one that stopped on purpose, as long as that said.
constexpr milliseconds kRestartLimit{8000};

class AgentLoss : public KernelTest {
 protected:
  // All are held when `lose` is called, and denied soon after; so is what comes later,
  // while others go on. With a new agent, holds work again.
  void expect_denial_until_the_next_agent(const std::function<void()>& lose, milliseconds limit);

  TcpListener listener_;
};

void AgentLoss::expect_denial_until_the_next_agent(const std::function<void()>& lose,
                                                   milliseconds limit) {
  std::vector<std::unique_ptr<Actor>> held;
  held.push_back(tagged(reads(customers())));
  held.push_back(tagged(reads(customers())));
  held.push_back(tagged(creates(path("new/file"))));
  held.push_back(tagged(connects(listener_.port(), "hi")));
  for (const auto& each : held) {
    ASSERT_TRUE(eventually([&] { return thread_state(each->pid()) == 't'; }));
    ASSERT_FALSE(each->report().ended);
  }
  std::int64_t lost = now_ns();
  lose();
  for (const auto& each : held) {
    ASSERT_TRUE(each->ends());
    EXPECT_EQ(each->report().error, EPERM);
    EXPECT_LT(milliseconds((each->report().ended_ns - lost) / 1'000'000), limit);
  }
  EXPECT_FALSE(listener_.has_connection());
  EXPECT_GT(unguarded(reads(customers())), 0);

  lost = now_ns();
  const auto late = tagged(reads(customers()));
  ASSERT_TRUE(late->ends());
  EXPECT_EQ(late->report().error, EPERM);
  EXPECT_LT(since_ns(lost), kLimit);

  stayd().start();
  const auto actor = tagged(in_turn({reads(customers()), reads(customers())}));
  approve(question("open", actor->pid()));
  ASSERT_TRUE(actor->report().reaches(1));
  deny(question("open", actor->pid()));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(anything_open());
}

TEST_F(AgentLoss, AKilledAgentMeansDenial) {
  expect_denial_until_the_next_agent([] { the_stayd().kill(); }, kLimit);
}

TEST_F(AgentLoss, AnAgentThatStopsWithoutASuccessorSoonMeansDenial) {
  stayd().stop();
  stayd().start({"--restart-limit", "4s"});
  expect_denial_until_the_next_agent([] { the_stayd().stop(); }, kRestartLimit);
}

// Nobody parks them, so it is the kernel side alone that ends their spinning.
TEST_F(AgentLoss, AnAgentThatHangsMeansDenial) {
  ::kill(stayd().pid(), SIGSTOP);
  const std::int64_t begun = now_ns();
  const auto actor = tagged(reads(customers()));
  const bool ended = actor->ends();
  ::kill(stayd().pid(), SIGCONT);
  ASSERT_TRUE(ended);
  EXPECT_LT(since_ns(begun), kLimit);
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_TRUE(eventually([&] { return !anything_open(); }));
}

TEST_F(AgentLoss, APolicyThatAllowsItLetsGoOnWhatWouldBeHeld) {
  write("new/id_rsa", "x");
  write("policy.yaml",
        "policy: lenient\non_agent_loss: allow\nnetwork: {default: deny}\n"
        "exec: {default: deny, allow: [\"sha256:" +
            std::string(64, '0') +
            "\"]}\n"
            "files: {default: allow, read: {hold: [" +
            path("data") + ", \"" + path("new") + "/id_*\"]}, create: {deny: [" + path("data") +
            "]}}\napproval: {linger: 0s}\n");
  assign();
  const auto held = tagged(reads(customers()));
  (void)question();
  stayd().kill();
  ASSERT_TRUE(held->ends());
  EXPECT_GT(held->report().value, 0) << "what was held already";
  const auto late = tagged(in_turn({reads(customers()), reads(path("new/id_rsa"))}));
  ASSERT_TRUE(late->ends());
  EXPECT_GT(late->report().value, 0);
  const Body denied[] = {creates(path("data/new")), connects(listener_.port()),
                         executes("/bin/true")};
  for (const Body& body : denied) {
    const auto actor = tagged(body);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().error, EPERM) << "what is denied";
  }
  stayd().start();
  EXPECT_GE(stayd().counter("allowed_on_agent_loss"), 3);
  const auto again = tagged(reads(customers()));
  deny(question("open", again->pid()));
  ASSERT_TRUE(again->ends());
  EXPECT_EQ(again->report().error, EPERM);
}

}  // namespace
}  // namespace stayd::test
