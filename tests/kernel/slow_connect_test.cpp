// SPDX-License-Identifier: Apache-2.0
// A connect that was approved and waits for the other side: what interrupts it there must
// not make it ask again.
#include <signal.h>
#include <unistd.h>

#include "kernel_test.h"

namespace stayd::test {
namespace {

class SlowConnect : public KernelTest {
 protected:
  // Approved, then interrupted, then answered by the other side.
  void expect_no_second_question(const std::function<void(Actor&)>& interrupt) {
    const auto actor = tagged([port = listener_.port()](Report& report) -> long {
      struct sigaction ignore {};
      ignore.sa_handler = [](int) {};
      ignore.sa_flags = SA_RESTART;
      ::sigaction(SIGUSR1, &ignore, nullptr);
      return connects(port)(report);
    });
    approve(question("connect"));
    EXPECT_TRUE(eventually([&] { return thread_state(actor->pid()) == 'S'; }));
    interrupt(*actor);
    EXPECT_TRUE(throughout(kWhile, [&] { return !anything_open(); }));
    EXPECT_FALSE(actor->report().ended);
    listener_.accept_all();
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value, 0) << "errno " << actor->report().error;
    EXPECT_EQ(questions(), 1u);
  }

  SlowListener listener_;
};

TEST_F(SlowConnect, ByNothing) {
  expect_no_second_question([](Actor&) {});
}

TEST_F(SlowConnect, ByASignalWithARestartingHandler) {
  expect_no_second_question([](Actor& actor) { actor.send(SIGUSR1); });
}

TEST_F(SlowConnect, ByStopAndContinue) {
  expect_no_second_question([](Actor& actor) {
    actor.send(SIGSTOP);
    EXPECT_TRUE(eventually([&] { return thread_state(actor.pid()) == 'T'; }));
    actor.send(SIGCONT);
  });
}

// The thread is still on its way to be parked, which interrupts whatever it does next.
TEST_F(SlowConnect, ByAnAnswerThatIsFasterThanTheParking) {
  constexpr int kMany = 16;
  std::vector<std::unique_ptr<SlowListener>> listeners;
  std::vector<std::unique_ptr<Actor>> actors;
  int approved = 0;
  const auto approve_all = [&] {
    for (const Json& each : tickets(false)) {
      approve(each);
      ++approved;
    }
  };
  for (int i = 0; i < kMany; ++i) {
    listeners.push_back(std::make_unique<SlowListener>());
    actors.push_back(tagged(connects(listeners.back()->port())));
    ASSERT_TRUE(eventually([&] { return approve_all(), approved > i; }));
  }
  EXPECT_TRUE(throughout(kWhile, [&] { return !anything_open(); }));
  for (const auto& each : listeners) each->accept_all();
  for (const auto& each : actors) {
    ASSERT_TRUE(each->ends());
    EXPECT_EQ(each->report().value, 0) << "errno " << each->report().error;
  }
  EXPECT_EQ(questions(), static_cast<std::size_t>(kMany));
}

}  // namespace
}  // namespace stayd::test
