// SPDX-License-Identifier: Apache-2.0
// What one workload raises or is refused, however much of it, delays nobody else's question, and
// opens no new cgroup.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"
#include "support/record_reader.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr int kFiles = 1000;  // whose events have room in the ring
constexpr milliseconds kToRecordAll{180'000};

// Opens each of the files, which are refused, until all have been tried. Counter: how many.
Body opens_all(const std::string& directory) {
  return [directory](Report& report) -> long {
    for (int i = 0; i < kFiles; ++i) {
      const Fd opened(::open((directory + "/" + std::to_string(i)).c_str(), O_RDONLY));
      if (opened) return -1;
      ++report.counters[0];
    }
    return kFiles;
  };
}

class Flood : public KernelTest {
 protected:
  Flood() : record_(the_stayd().record_path()) {
    fs::create_directories(path("refused"));
    for (int i = 0; i < kFiles; ++i) write("refused/" + std::to_string(i), "");
    fs::create_directories(the_stayd().policy_directory());
    std::ofstream(the_stayd().policy_directory() + "/floods.yaml")
        << "policy: floods\napplies_to: [{cgroup: /floods/**}]\nnetwork: {default: allow}\n"
           "exec: {default: allow}\nfiles: {default: allow, read: {deny: ["
        << path("refused") << ", " << path("data") << "]}}\n";
    stayd().request("POST", "/v1/policies/reload");
    record_.next();
  }
  ~Flood() override {
    fs::remove_all(the_stayd().policy_directory());
    (void)the_stayd().try_request("POST", "/v1/policies/reload");
  }
  // How many refusals of the flood have been recorded.
  int recorded() {
    for (const Json& line : record_.next()) {
      if (line.value("event", "") == "operation" &&
          line.dump().find(path("refused/")) != std::string::npos)
        ++recorded_;
      if (line.value("event", "") == "ticket_opened") before_question_ = recorded_;
    }
    return recorded_;
  }
  // Refused as a whole while stayd stands still, so that all of it comes before what follows.
  void flood() {
    ::kill(stayd().pid(), SIGSTOP);
    Actor noisy(noisy_.directory(), opens_all(path("refused")));
    EXPECT_TRUE(noisy.ends());
    EXPECT_EQ(noisy.report().value, kFiles);
    ::kill(stayd().pid(), SIGCONT);
  }

  RecordReader record_;
  int recorded_ = 0;
  int before_question_ = kFiles;  // of them, those before a ticket was opened
  const Cgroup parent_{"/floods"};
  const Cgroup noisy_{"/floods/noisy"};
};

TEST_F(Flood, AnothersQuestionIsVisibleWhileMostOfItIsUnread) {
  const auto actor = tagged([file = customers()](Report& report) -> long {
    return report.reaches(1) ? reads(file)(report) : -1;
  });
  flood();
  actor->report().stage = 1;
  const Json ticket = question("open");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_TRUE(eventually([this] { return recorded() == kFiles; }, kToRecordAll))
      << "nothing of it is lost";
  EXPECT_LT(before_question_, kFiles / 2) << "the question came after the flood";
}

TEST_F(Flood, TheFirstProcessOfANewCgroupIsNotUnguarded) {
  ASSERT_GT(unguarded(reads(customers())), 0);
  flood();
  const Cgroup fresh("/floods/fresh");
  Actor first(fresh.directory(), reads(customers()));
  ASSERT_TRUE(first.ends());
  EXPECT_EQ(first.report().error, EPERM);
  EXPECT_TRUE(eventually([this] { return recorded() == kFiles; }, kToRecordAll));
}

}  // namespace
}  // namespace stayd::test
