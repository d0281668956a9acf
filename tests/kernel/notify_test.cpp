// SPDX-License-Identifier: Apache-2.0
// What systemd is told with Type=notify: units that start after stayd must find it enforcing.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"
#include "support/notify_socket.h"

namespace stayd::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The stayd of the other tests comes back afterwards, which nobody watches.
class Notify : public KernelTest {
 protected:
  ~Notify() override {
    if (stayd().running()) stayd().stop();
    std::filesystem::remove(stayd().people_path());
    stayd().start();
  }
};

TEST_F(Notify, StaydIsReadyForSystemdOnceItSaysSoAndThenEnforces) {
  const std::string how = stayd().attachment();
  stayd().stop();
  NotifySocket systemd(path("notify"));
  stayd().begin();
  const auto message = systemd.next(seconds(90));
  ASSERT_TRUE(message);
  EXPECT_THAT(*message, StartsWith("READY=1\nSTATUS=Enforcing (" + how + "); workloads: "));
  // At this moment, without any waiting: the line is out, people are served, the policy is applied.
  EXPECT_TRUE(stayd().has_said("stayd: ready ("));
  EXPECT_TRUE(stayd().try_request("GET", "/v1/status"));
  const auto reader = tagged(reads(customers()));
  deny(question("open"));
  ASSERT_TRUE(reader->ends());
  EXPECT_EQ(reader->report().error, EPERM);

  stayd().stop();
  const auto last = systemd.next();
  ASSERT_TRUE(last);
  EXPECT_THAT(*last, StartsWith("STOPPING=1\n"));
}

TEST_F(Notify, AStaydThatCannotStartIsNeverReadyAndItsStatusSaysWhy) {
  stayd().stop();
  std::ofstream(stayd().people_path()) << "people: nobody\n";
  NotifySocket systemd(path("notify"));
  stayd().begin();
  const auto message = systemd.next();
  ASSERT_TRUE(message);
  EXPECT_THAT(*message, StartsWith("STATUS="));
  EXPECT_THAT(*message, HasSubstr("people.yaml"));
  EXPECT_TRUE(eventually([&] { return !stayd().running(); }));
  EXPECT_FALSE(systemd.next(milliseconds(0)));
}

}  // namespace
}  // namespace stayd::test
