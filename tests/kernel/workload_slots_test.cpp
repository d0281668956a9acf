// SPDX-License-Identifier: Apache-2.0
// There are 256 workloads at most at one time: each gives its place back when its cgroup is gone,
// and what finds no place is refused everything.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "kernel_test.h"
#include "stayd/wire.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

class WorkloadSlots : public KernelTest {
 protected:
  WorkloadSlots() {
    fs::create_directories(stayd().policy_directory());
    std::ofstream(stayd().policy_directory() + "/slots.yaml")
        << "policy: slots\napplies_to: [{cgroup: /slots/**}]\nnetwork: {default: allow}\n"
           "exec: {default: allow}\nfiles: {default: allow, read: {deny: ["
        << path("data") << "]}}\n";
    stayd().request("POST", "/v1/policies/reload");
  }
  ~WorkloadSlots() override {
    fs::remove_all(stayd().policy_directory());
    (void)stayd().try_request("POST", "/v1/policies/reload");
    const Json status = stayd().status();
    for (const Json& each : status["workloads"])
      if (each["policy"] != "kernel-test")
        (void)stayd().try_request("DELETE", "/v1/workloads", {{"cgroup", each["cgroup"]}});
  }
  // How the first open of the first process in the cgroup ends.
  long first_open_in(const Cgroup& fresh, const std::string& file) const {
    Actor actor(fresh.directory(), reads(file));
    if (!actor.ends()) return -ETIMEDOUT;
    return actor.report().value < 0 ? -actor.report().error : actor.report().value.load();
  }
  std::size_t workloads() const { return stayd().status()["workloads"].size(); }
  static StaydProcess& stayd() { return the_stayd(); }

  const Cgroup parent_{"/slots"};
};

TEST_F(WorkloadSlots, AreGivenBackByCgroupsThatCameAndWent) {
  ASSERT_GT(unguarded(reads(customers())), 0);
  for (int i = 0; i < STAYD_MAX_WORKLOADS + 44; ++i) {
    const Cgroup fresh("/slots/short-" + std::to_string(i));
    ASSERT_EQ(first_open_in(fresh, customers()), -EPERM) << "cgroup " << i;
  }
  EXPECT_TRUE(eventually([this] { return workloads() == 1; })) << workloads();
}

TEST_F(WorkloadSlots, AreGivenBackByACgroupThatComesBackUnderItsName) {
  for (int i = 0; i < 20; ++i) {
    const Cgroup again("/slots/again");
    ASSERT_EQ(first_open_in(again, customers()), -EPERM) << "time " << i;
  }
}

TEST_F(WorkloadSlots, ThatAreAllTakenLeaveTheRestRefusedUntilOneIsFree) {
  write("harmless", "text");
  // What an earlier test has had must be back.
  ASSERT_TRUE(eventually([this] { return workloads() == 1; })) << stayd().status()["workloads"];
  std::vector<std::unique_ptr<Cgroup>> living;
  for (int i = 0; i < STAYD_MAX_WORKLOADS + 8; ++i)
    living.push_back(std::make_unique<Cgroup>("/slots/long-" + std::to_string(i)));
  for (std::size_t i = 0; i < living.size(); ++i)
    ASSERT_EQ(first_open_in(*living[i], customers()), -EPERM) << "cgroup " << i;
  // This test's own workload has one of the places. One that an earlier agent left behind is found
  // once all are taken.
  ASSERT_TRUE(eventually([] { return stayd().status()["workloads_refused"].size() == 9; }));
  const Json refused = stayd().status()["workloads_refused"];
  // Which of them find a place depends on the order in which stayd sees them.
  const auto is_refused = [&refused](const std::unique_ptr<Cgroup>& each) {
    return std::find(refused.begin(), refused.end(), Json(each->name())) != refused.end();
  };
  const auto left_over = std::find_if(living.begin(), living.end(), is_refused);
  const auto placed = std::find_if_not(living.begin(), living.end(), is_refused);
  ASSERT_TRUE(left_over != living.end() && placed != living.end()) << refused;
  EXPECT_EQ(first_open_in(**placed, path("harmless")), 4);
  EXPECT_EQ(first_open_in(**left_over, path("harmless")), -EPERM);
  EXPECT_GT(stayd().counter("denied_no_workload"), 0);

  // An agent that comes back proves that it enforces, for which it needs a place as well.
  stayd().stop();
  stayd().start();
  EXPECT_TRUE(eventually([] { return stayd().status()["workloads_refused"].size() == 9; }));

  living.erase(living.begin(), living.begin() + 20);
  EXPECT_TRUE(eventually([&] { return stayd().status()["workloads_refused"].empty(); }));
  EXPECT_EQ(first_open_in(*living.back(), path("harmless")), 4);
  EXPECT_EQ(first_open_in(*living.back(), customers()), -EPERM);
}

// Moved out by somebody who may, when its cgroup goes.
TEST_F(WorkloadSlots, StayTakenWhileAStrayOfTheWorkloadLives) {
  const Cgroup outside("/outside");
  auto fresh = std::make_unique<Cgroup>("/slots/left");
  Actor stray(fresh->directory(), [file = customers()](Report& report) -> long {
    report.stage = 1;
    return report.reaches(2) ? reads(file)(report) : -1;
  });
  ASSERT_TRUE(stray.report().reaches(1));
  ASSERT_TRUE(eventually([this] { return workloads() == 2; })) << workloads();
  outside.take(stray.pid());
  fresh.reset();
  for (int i = 0; i < 3; ++i) {
    const Cgroup other("/slots/other-" + std::to_string(i));
    EXPECT_EQ(first_open_in(other, customers()), -EPERM);
  }
  stray.report().stage = 2;
  ASSERT_TRUE(stray.ends());
  EXPECT_EQ(stray.report().error, EPERM);
  EXPECT_TRUE(eventually([this] { return workloads() == 1; })) << workloads();
}

}  // namespace
}  // namespace stayd::test
