// SPDX-License-Identifier: Apache-2.0
// Whose a task is: by the cgroup it was in, and for as long as it lives.
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

constexpr const char* kRootCgroup = "/sys/fs/cgroup";

class Subjects : public KernelTest {
 protected:
  // The body, which goes wrong nowhere else, is held at its open and denied.
  void expect_held(const std::unique_ptr<Actor>& actor) {
    deny(question("open"));
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().error, EPERM);
    EXPECT_EQ(questions(), 1u);
  }
  Body opens() const { return reads(customers()); }
};

Body after_moving_to(const std::string& cgroup, Body body) {
  return [=](Report& report) -> long {
    if (!enter_cgroup(cgroup)) return -1;
    return body(report);
  };
}

TEST_F(Subjects, AProcessThatMovesItselfAwayIsStillHeld) {
  ASSERT_GT(unguarded(after_moving_to(kRootCgroup, opens())), 0);
  expect_held(tagged(after_moving_to(kRootCgroup, opens())));
}

TEST_F(Subjects, AProcessThatSomebodyElseMovesAwayIsStillHeld) {
  const auto actor = tagged([body = opens()](Report& report) -> long {
    report.reaches(1);
    return body(report);
  });
  const Cgroup elsewhere("/elsewhere");
  ASSERT_TRUE(eventually([&] { return thread_state(actor->pid()) == 'S'; }));
  elsewhere.take(actor->pid());
  actor->report().stage = 1;
  expect_held(actor);
}

TEST_F(Subjects, ASecondThreadIsHeldAfterItsProcessWasOnlyPassingThrough) {
  const auto actor = untagged(in_a_thread([body = opens()](Report& report) -> long {
    report.stage = 1;
    report.reaches(2);
    return body(report);
  }));
  ASSERT_TRUE(actor->report().reaches(1));
  const Cgroup elsewhere("/elsewhere");
  cgroup().take(actor->pid());
  elsewhere.take(actor->pid());
  actor->report().stage = 2;
  expect_held(actor);
}

TEST_F(Subjects, AChildIsHeld) { expect_held(tagged(in_a_child(opens()))); }

TEST_F(Subjects, AChildOfOneThatMovedAwayIsHeld) {
  expect_held(tagged(after_moving_to(kRootCgroup, in_a_child(opens()))));
}

// Forks, makes a session, forks again, and the one between ends.
TEST_F(Subjects, ADaemonIsHeld) {
  const auto actor = tagged([body = opens()](Report& report) -> long {
    if (::fork() != 0) {
      report.reaches(1);
      errno = static_cast<int>(report.counters[0]);
      return -1;
    }
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    if (!enter_cgroup(kRootCgroup)) ::_exit(1);
    report.counters[0] = body(report) < 0 ? errno : 0;
    report.stage = 1;
    ::_exit(0);
  });
  const Json ticket = question("open");
  EXPECT_NE(ticket["operation"]["caller"]["pid"], actor->pid());
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Subjects, AnAllowedProgramIsHeldAtItsOpen) {
  const auto actor = tagged([body = executes("/bin/cat", {customers()})](Report& report) -> long {
    if (!enter_cgroup(kRootCgroup)) return -1;
    ::close(STDERR_FILENO);
    return body(report);
  });
  const Json ticket = question("open");
  EXPECT_EQ(ticket["operation"]["caller"]["comm"], "cat");
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 1);
}

TEST_F(Subjects, CgroupsMadeLaterBelongToTheWorkload) {
  const Cgroup child(cgroup().name() + "/child");
  const Cgroup grandchild(child.name() + "/grandchild");
  expect_held(std::make_unique<Actor>(grandchild.directory(), opens()));
}

TEST_F(Subjects, CgroupsMadeBeforeBelongToTheWorkload) {
  release();
  const Cgroup child(cgroup().name() + "/child");
  assign();
  expect_held(std::make_unique<Actor>(child.directory(), opens()));
}

class OlderThanTheAssignment : public Subjects {
 protected:
  // `body` runs in the cgroup, opens at stage 1 and again at stage 2; assigned between.
  void expect_held_from_now_on(const std::function<Body(Body)>& in) {
    release();
    const auto actor = tagged(in([body = opens()](Report& report) -> long {
      const long before = body(report);
      report.stage = 1;
      report.reaches(2);
      return before < 0 ? before : body(report);
    }));
    ASSERT_TRUE(actor->report().reaches(1));
    assign();
    actor->report().stage = 2;
    expect_held(actor);
  }
};

TEST_F(OlderThanTheAssignment, AProcessIsHeld) {
  expect_held_from_now_on([](Body body) { return body; });
}

TEST_F(OlderThanTheAssignment, ASecondThreadIsHeld) { expect_held_from_now_on(in_a_thread); }

TEST_F(OlderThanTheAssignment, AThreadIsHeldThoughItsProcessMovesAwayFirst) {
  release();
  const auto actor = tagged(in_a_thread([body = opens()](Report& report) -> long {
    report.stage = 1;
    report.reaches(2);
    return body(report);
  }));
  ASSERT_TRUE(actor->report().reaches(1));
  assign();
  const Cgroup elsewhere("/elsewhere");
  elsewhere.take(actor->pid());
  actor->report().stage = 2;
  expect_held(actor);
}

// The kernel tells nobody but task_alloc about a child that begins in another cgroup.
TEST_F(Subjects, AChildClonedIntoAnotherCgroupIsHeld) {
  const Cgroup elsewhere("/elsewhere");
  const auto actor = tagged([&elsewhere, body = opens()](Report& report) -> long {
    Fd directory(::open(elsewhere.directory().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    clone_args arguments{};
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = static_cast<std::uint64_t>(directory.get());
    const long child = ::syscall(SYS_clone3, &arguments, sizeof(arguments));
    if (child < 0) return -1;
    if (child == 0) {
      report.counters[0] = body(report) < 0 ? errno : 0;
      report.stage = 1;
      ::_exit(0);
    }
    report.reaches(1);
    errno = static_cast<int>(report.counters[0]);
    return -1;
  });
  const Json ticket = question("open");
  EXPECT_EQ(ticket["operation"]["caller"]["cgroup"], elsewhere.name());
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Subjects, AReleasedWorkloadIsFree) {
  const auto held = tagged(reads(customers()));
  const Json ticket = question();
  release();
  ASSERT_TRUE(held->ends());
  EXPECT_EQ(held->report().error, EPERM) << "a question that nobody answered was not a yes";
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  const auto actor = tagged(in_turn({reads(customers()), in_a_child(reads(customers()))}));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().stage, 2);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Subjects, AnOldTagMeansNothingAfterTheRelease) {
  const auto actor = tagged([body = opens()](Report& report) -> long {
    report.stage = 1;
    report.reaches(2);
    return body(report);
  });
  ASSERT_TRUE(actor->report().reaches(1));
  release();
  actor->report().stage = 2;
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

}  // namespace
}  // namespace stayd::test
