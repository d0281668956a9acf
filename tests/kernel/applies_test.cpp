// SPDX-License-Identifier: Apache-2.0
// Policies find their cgroups by themselves, and before the first process in them can do anything.
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr int kTimes = 20;

class Applies : public KernelTest {
 protected:
  Applies() {
    put_policy("unit: kt-*.service");
    put_policy("slice: kt.slice");
    put_policy("cgroup: /kt-tree/**");
    put_policy("label: team=kt");
    put_policy("cgroup: /never-there");
    stayd().request("POST", "/v1/policies/reload");
  }
  ~Applies() override {
    fs::remove_all(stayd().policy_directory());
    (void)stayd().try_request("POST", "/v1/policies/reload");
    const Json status = stayd().status();
    for (const Json& each : status["workloads"])
      if (each["policy"] != "kernel-test")
        (void)stayd().try_request("DELETE", "/v1/workloads", {{"cgroup", each["cgroup"]}});
  }

  // Named like what it applies to; reading the customers is refused.
  void put_policy(const std::string& applies_to) {
    std::string name = applies_to.substr(applies_to.find(": ") + 2);
    for (char& c : name)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '-';
    fs::create_directories(stayd().policy_directory());
    std::ofstream(stayd().policy_directory() + "/" + name + ".yaml")
        << "policy: " << name << "\napplies_to: [{" << applies_to
        << "}]\nnetwork: {default: allow}\nexec: {default: allow}\n"
           "files: {default: allow, read: {deny: ["
        << path("data") << "]}}\n";
  }
  Body opens() const { return reads(customers()); }
  // In a cgroup that has just been made, the first thing that its first process does.
  long first_in(const Cgroup& fresh) const {
    const Actor actor(fresh.directory(), opens());
    return ends(actor);
  }
  // The same of a process that begins there.
  long born_in(const Cgroup& fresh) const {
    const Body clones = [this, &fresh](Report& report) -> long {
      Fd directory(::open(fresh.directory().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      clone_args arguments{};
      arguments.flags = CLONE_INTO_CGROUP;
      arguments.exit_signal = SIGCHLD;
      arguments.cgroup = static_cast<std::uint64_t>(directory.get());
      const long child = ::syscall(SYS_clone3, &arguments, sizeof(arguments));
      if (child == 0) {
        report.counters[0] = opens()(report) < 0 ? errno : 0;
        ::_exit(0);
      }
      int status = 0;
      ::waitpid(static_cast<pid_t>(child), &status, 0);
      errno = static_cast<int>(report.counters[0]);
      return errno != 0 ? -1 : 1;
    };
    const auto actor = untagged(clones);
    return ends(*actor);
  }
  static long ends(const Actor& constant) {
    Actor& actor = const_cast<Actor&>(constant);
    if (!actor.ends()) return -ETIMEDOUT;
    return actor.report().value < 0 ? -actor.report().error : actor.report().value.load();
  }
  // Both, many times, in cgroups whose names `name` makes.
  void expect_refused(const std::function<std::string(int)>& name,
                      const std::function<void(const Cgroup&)>& before = {}) {
    ASSERT_GT(unguarded(opens()), 0);
    for (int i = 0; i < kTimes; ++i) {
      const Cgroup fresh(name(i));
      if (before) before(fresh);
      ASSERT_EQ(i % 2 == 0 ? first_in(fresh) : born_in(fresh), -EPERM) << "try " << i;
    }
  }
};

TEST_F(Applies, ToAUnitFromItsFirstProcessOn) {
  expect_refused([](int i) { return "/kt-" + std::to_string(i) + ".service"; });
}

TEST_F(Applies, ToWhateverASliceGets) {
  const Cgroup slice("/kt.slice");
  expect_refused([](int i) { return "/kt.slice/x" + std::to_string(i) + ".scope"; });
  EXPECT_GT(first_in(slice), 0) << "the slice itself is none of its units";
}

TEST_F(Applies, ToWhateverIsBelowACgroup) {
  const Cgroup tree("/kt-tree");
  expect_refused([](int i) { return "/kt-tree/" + std::to_string(i); });
  const Cgroup inner("/kt-tree/inner");
  const Cgroup deeper("/kt-tree/inner/deeper");
  EXPECT_EQ(first_in(deeper), -EPERM);
}

TEST_F(Applies, ToAContainerByItsLabel) {
  const std::string state = "/var/lib/docker/containers/";
  const auto id = [](int i) { return "0123456789ab" + std::to_string(i); };
  for (int i = 0; i < kTimes; ++i) {
    fs::create_directories(state + id(i));
    std::ofstream(state + id(i) + "/config.v2.json")
        << R"({"Config": {"Labels": {"team": "kt", "other": "x"}}})";
  }
  expect_refused([&](int i) { return "/docker-" + id(i) + ".scope"; });
  std::ofstream(state + id(0) + "/config.v2.json") << R"({"Config": {"Labels": {"team": "xx"}}})";
  const Cgroup other("/docker-" + id(0) + ".scope");
  EXPECT_GT(first_in(other), 0);
}

// As an orchestrator does: it makes the cgroup, marks it, and starts something in it.
TEST_F(Applies, ToACgroupThatAnXattrPutsUnderIt) {
  const std::string name = "-never-there";
  expect_refused([](int i) { return "/marked" + std::to_string(i); },
                 [&](const Cgroup& fresh) {
                   ASSERT_EQ(::setxattr(fresh.directory().c_str(), "trusted.stayd.policy",
                                        name.data(), name.size(), 0),
                             0);
                 });
}

TEST_F(Applies, ToCgroupsThatAreThereWhenItComes) {
  const Cgroup early("/early.service");
  ASSERT_GT(first_in(early), 0);
  put_policy("unit: early.service");
  stayd().request("POST", "/v1/policies/reload");
  EXPECT_EQ(first_in(early), -EPERM);
}

TEST_F(Applies, ToNothingElse) {
  for (int i = 0; i < kTimes; ++i) {
    const Cgroup other("/other-" + std::to_string(i) + ".service");
    ASSERT_GT(i % 2 == 0 ? first_in(other) : born_in(other), 0);
  }
}

}  // namespace
}  // namespace stayd::test
