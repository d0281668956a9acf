// SPDX-License-Identifier: Apache-2.0
// Everybody else runs as if there were no stayd.
#include "kernel_test.h"

namespace stayd::test {
namespace {

using Untagged = KernelTest;

TEST_F(Untagged, AProcessDoesAllTheSameAndNobodyIsAsked) {
  TcpListener listener;
  UdpReceiver receiver;
  const std::int64_t held = stayd().counter("held");
  const auto actor =
      untagged(in_turn({reads(customers()), creates(path("new/file")), creates(path("data/file")),
                        connects(listener.port(), "hi"), sends(receiver.port(), "hi"),
                        in_a_child(reads(customers())), in_a_thread(reads(customers())),
                        executes(add_program("/bin/true"))}));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().stage, 7);
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(listener.next(), "hi");
  EXPECT_EQ(receiver.next(), "hi");
  EXPECT_EQ(questions(), 0u);
  EXPECT_EQ(stayd().counter("held"), held);
}

TEST_F(Untagged, AProcessInAnotherCgroupIsNobodys) {
  const Cgroup other("/other");
  Actor actor(other.directory(), reads(customers()));
  ASSERT_TRUE(actor.ends());
  EXPECT_GT(actor.report().value, 0);
  EXPECT_EQ(questions(), 0u);
}

TEST_F(Untagged, AProcessGoesOnWhileOthersAreHeld) {
  const auto held = tagged(reads(customers()));
  const Json ticket = question();
  EXPECT_GT(unguarded(reads(customers())), 0);
  EXPECT_GT(unguarded(creates(path("new/file"))), 0);
  EXPECT_FALSE(held->report().ended);
  deny(ticket);
  ASSERT_TRUE(held->ends());
}

}  // namespace
}  // namespace stayd::test
