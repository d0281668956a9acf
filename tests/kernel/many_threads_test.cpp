// SPDX-License-Identifier: Apache-2.0
// Two thousand held threads are two thousand parked threads and nothing else.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

constexpr int kThreads = 2000;
constexpr seconds kUntilAllAreParked{90};

struct Opener {
  const char* file;
  Report* report;
};

// Opens, and counts in counters[0] if that worked, else in counters[1].
void* open_once(void* argument) {
  const auto* opener = static_cast<Opener*>(argument);
  const int fd = ::open(opener->file, O_RDONLY | O_CLOEXEC);
  ++opener->report->counters[fd >= 0 ? 0 : 1];
  return nullptr;
}

Body opens_in_many_threads(const std::string& file) {
  return [file](Report& report) -> long {
    const rlimit files{.rlim_cur = kThreads + 100, .rlim_max = kThreads + 100};
    ::setrlimit(RLIMIT_NOFILE, &files);
    pthread_attr_t small;
    ::pthread_attr_init(&small);
    ::pthread_attr_setstacksize(&small, 64 * 1024);
    const Opener opener{file.c_str(), &report};
    std::vector<pthread_t> threads(kThreads);
    for (pthread_t& each : threads)
      if (::pthread_create(&each, &small, open_once, const_cast<Opener*>(&opener)) != 0) return -1;
    for (pthread_t each : threads) ::pthread_join(each, nullptr);
    return report.counters[0];
  };
}

// The number behind `name:` in /proc/PID/status: kB of VmRSS.
long status_of(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  return -1;
}

// Clock ticks that the process has run.
long ticks_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text, ')');
  for (int i = 0; i < 11; ++i) file >> text;
  long user = 0, system = 0;
  file >> user >> system;
  return user + system;
}

struct MachineTicks {
  long idle = 0;
  long all = 0;
};

MachineTicks machine_ticks() {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  MachineTicks ticks;
  for (int i = 0; i < 8; ++i) {
    long each = 0;
    file >> each;
    ticks.all += each;
    if (i == 3 || i == 4) ticks.idle += each;
  }
  return ticks;
}

using ManyThreads = KernelTest;

TEST_F(ManyThreads, AreAllParkedAtLittleCostAndReleasedByOneDecision) {
  const std::int64_t unanswered = stayd().counter("denied_unanswered");
  const long memory = status_of(stayd().pid(), "VmRSS");
  const auto actor = tagged(opens_in_many_threads(customers()));
  ASSERT_TRUE(eventually([&] { return stayd().parked() == kThreads; }, kUntilAllAreParked))
      << stayd().status().dump(1);
  EXPECT_EQ(stayd().counter("denied_unanswered"), unanswered);
  EXPECT_EQ(actor->report().counters[1], 0);
  const Json ticket = question();
  EXPECT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == kThreads; }));

  // What the rings hold for the agent is mapped into it twice, and counts as resident when it has
  // been read; the rest is its own.
  EXPECT_LT(status_of(stayd().pid(), "RssAnon"), 24 * 1024);
  EXPECT_LT(status_of(stayd().pid(), "VmRSS") - memory, 16 * 1024);
  const long agent = ticks_of(stayd().pid());
  const MachineTicks before = machine_ticks();
  EXPECT_FALSE(actor->ends(seconds(1)));
  const MachineTicks after = machine_ticks();
  EXPECT_LE(ticks_of(stayd().pid()) - agent, 5) << "hundredths of a second";
  EXPECT_GT((after.idle - before.idle) * 10, (after.all - before.all) * 8);

  const std::int64_t decided = now_ns();
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_LT(since_ns(decided), seconds(15));
  EXPECT_EQ(actor->report().value, kThreads) << "errno " << actor->report().error;
  EXPECT_EQ(stayd().counter("denied_unanswered"), unanswered);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(ManyThreads, DieAtOnceWithTheirProcess) {
  const auto actor = tagged(opens_in_many_threads(customers()));
  ASSERT_TRUE(eventually([&] { return stayd().parked() == kThreads; }, kUntilAllAreParked))
      << stayd().status().dump(1);
  const Json ticket = question();
  actor->send(SIGKILL);
  ASSERT_TRUE(actor->ends());
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  EXPECT_TRUE(eventually([&] { return stayd().parked() == 0; }));
}

}  // namespace
}  // namespace stayd::test
