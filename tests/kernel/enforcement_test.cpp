// SPDX-License-Identifier: Apache-2.0
// The least that must be true however the programs are attached: also run on a kernel
// whose lsm= list lacks `bpf`.
#include <fstream>
#include <iterator>

#include "kernel_test.h"

namespace stayd::test {
namespace {

class Enforcement : public KernelTest {
 protected:
  // Held; then denied, and held again and approved.
  void expect_enforced(const std::string& kind, const Body& denied, const Body& approved) {
    const auto loser = tagged(denied);
    deny(question(kind));
    ASSERT_TRUE(loser->ends());
    EXPECT_EQ(loser->report().error, EPERM);
    const auto winner = tagged(approved);
    approve(question(kind));
    ASSERT_TRUE(winner->ends());
    EXPECT_EQ(winner->exit_code(), 0) << "errno " << winner->report().error;
    EXPECT_EQ(questions(), 2u);
  }
};

TEST_F(Enforcement, IsAttachedAsThisKernelAllows) {
  std::ifstream file("/sys/kernel/security/lsm");
  const std::string list((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(list.empty());
  const bool has_bpf = ("," + list + ",").find(",bpf,") != std::string::npos ||
                       list.ends_with(",bpf") || list.ends_with(",bpf\n");
  EXPECT_EQ(stayd().attachment(), has_bpf ? "lsm" : "fmod_ret");
  EXPECT_EQ(stayd().status()["enforcement"], stayd().attachment());
}

TEST_F(Enforcement, AnOpenIsHeldUntilItsDecision) {
  expect_enforced("open", reads(customers()), reads(customers()));
}

TEST_F(Enforcement, ACreationIsHeldUntilItsDecision) {
  expect_enforced("create", creates(path("new/one")), creates(path("new/two")));
}

TEST_F(Enforcement, AConnectIsHeldUntilItsDecision) {
  TcpListener listener;
  expect_enforced("connect", connects(listener.port(), "no"), connects(listener.port(), "hi"));
  EXPECT_EQ(listener.next(), "hi");
}

TEST_F(Enforcement, ASendIsHeldUntilItsDecision) {
  UdpReceiver receiver;
  expect_enforced("send", sends(receiver.port(), "no"), sends(receiver.port(), "hi"));
  EXPECT_EQ(receiver.next(), "hi");
}

TEST_F(Enforcement, AnExecIsHeldUntilItsDecision) {
  const std::string program = add_program("/bin/true");
  expect_enforced("exec", executes(program), executes(program));
}

TEST_F(Enforcement, AScriptAndItsInterpreterAreAskedAboutEach) {
  const std::string shell = add_program("/bin/sh");
  const auto actor = tagged(executes(add_script("report", "#!" + shell + "\nexit 7\n")));
  approve(question("exec"));
  approve(question("exec"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 7);
  EXPECT_EQ(questions(), 2u);
}

TEST_F(Enforcement, SparesEverybodyElse) {
  TcpListener listener;
  EXPECT_GT(unguarded(reads(customers())), 0);
  EXPECT_EQ(unguarded(connects(listener.port(), "hi")), 2);
  EXPECT_EQ(questions(), 0u);
}

}  // namespace
}  // namespace stayd::test
