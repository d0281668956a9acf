// SPDX-License-Identifier: Apache-2.0
// The policy's tools, beside a stayd that enforces.
#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

#include "ctl/commands.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Tools : public KernelTest {
 protected:
  Tools() {
    fs::copy(STAYD_PACK_DIRECTORY, stayd().pack_directory(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    for (const char* each : {"in", "out", "scratch"}) fs::create_directory(path(each));
    for (int i = 0; i < 4; ++i) write("in/part-" + std::to_string(i), "row " + std::to_string(i));
    // A day's work: reads, writes a file and puts it in place, uses a temporary one, lists, runs
    // programs, and looks at itself.
    write("work.sh", "set -e; cd " + path("") +
                         "\n"
                         "cat in/* > out/all.tmp; mv out/all.tmp out/all\n"
                         "t=$(mktemp scratch/workXXXXXX); sort out/all > $t; rm $t\n"
                         "read line < /proc/self/status\n"
                         "ls in > /dev/null\n"
                         "mkdir -p out/day; echo done > out/day/$$; rm -r out/day\n");
  }

  ~Tools() override { fs::remove_all(stayd().pack_directory()); }

  int stayctl(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "--socket=" + stayd().socket_path());
    return run_stayctl(words, {out_, err_});
  }
  std::string said() const { return out_.str() + err_.str(); }

  Body works() const { return executes("/bin/sh", {path("work.sh")}); }
  // How the work ends in the workload: 0, or the shell's status.
  int outcome(const Body& body) const {
    const auto actor = tagged(body);
    return actor->ends() ? actor->exit_code() : -1;
  }
  void start_learning() {
    stayd().request("POST", "/v1/learning", {{"cgroup", cgroup().name()}, {"seconds", 600}});
  }
  void put_under(const std::string& policy) {
    write("policy.yaml", policy);
    assign();
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

constexpr const char* kRest = "network: {default: allow}\nexec: {default: allow}\n";

TEST_F(Tools, ADraftInForceHoldsNothingOfTheWorkThatItWasLearnedFrom) {
  TcpListener listener;
  const Body all = in_turn({connects(listener.port()), works()});
  start_learning();
  // What is reached once is a question, and what happens within a second is one time.
  ASSERT_EQ(outcome(all), 0);
  const std::int64_t first = now_ns();
  ASSERT_TRUE(eventually([&] { return since_ns(first) > milliseconds(1200); }));
  ASSERT_EQ(outcome(all), 0);
  ASSERT_EQ(stayctl({"learn", cgroup().name()}), 0) << said();
  std::string draft = out_.str();
  EXPECT_THAT(draft, HasSubstr("- \"" + path("in") + "\"  # WIDER: "));
  EXPECT_THAT(draft, Not(HasSubstr("all the same")));
  draft.replace(draft.find("mode: observe"), 13, "mode: enforce");
  put_under(draft);
  EXPECT_EQ(stayctl({"policy", "check", "--packs", stayd().pack_directory(), path("policy.yaml")}),
            0)
      << said();

  EXPECT_EQ(outcome(all), 0) << draft;
  EXPECT_EQ(questions(), 0u) << tickets(true).dump(1) << draft;
  const auto other = tagged(reads(customers()));
  deny(question("open"));
  EXPECT_TRUE(other->ends());
}

TEST_F(Tools, LearningHoldsNothingAndEndsUnderThePolicyOfBefore) {
  start_learning();
  EXPECT_EQ(stayctl({"learn", cgroup().name(), "--for", "1h"}), 1);
  EXPECT_THAT(said(), HasSubstr("without --for ends that and prints the draft"));
  const auto free = tagged(reads(customers()));
  ASSERT_TRUE(free->ends());
  EXPECT_GT(free->report().value, 0);
  EXPECT_EQ(stayctl({"policy", "reload"}), 0) << said();
  EXPECT_EQ(stayctl({"learn", "cgroup:" + cgroup().name()}), 0) << said();
  EXPECT_THAT(said(), HasSubstr("- \"" + customers() + "\"\n")) << "the reload ended the session";
  const auto held = tagged(reads(customers()));
  deny(question("open"));
  EXPECT_TRUE(held->ends());
  EXPECT_EQ(stayctl({"learn", cgroup().name()}), 1);
  EXPECT_THAT(said(), HasSubstr("is not being learned; add --for 1h to begin"));
}

TEST_F(Tools, LearningByTheClockEndsItself) {
  EXPECT_EQ(stayctl({"learn", cgroup().name(), "--for", "1s"}), 0) << said();
  EXPECT_THAT(said(), HasSubstr("# A draft, from "));
  const auto held = tagged(reads(customers()));
  deny(question("open"));
  EXPECT_TRUE(held->ends());
}

TEST_F(Tools, AReloadPutsAChangedFileIntoForceAndKeepsWhatABrokenOneSaidBefore) {
  put_under(kRest + std::string("policy: p\nfiles: {default: allow}\n"));
  EXPECT_EQ(outcome(works()), 0);
  write("policy.yaml", kRest + std::string("policy: p\nfiles: {default: allow, read: {deny: [") +
                           path("in") + "]}}\n");
  EXPECT_EQ(outcome(works()), 0) << "nobody has read it yet";
  ASSERT_EQ(stayctl({"policy", "reload"}), 0) << said();
  EXPECT_NE(outcome(works()), 0);
  write("policy.yaml", "policy: p\nflies: {}\n");
  EXPECT_EQ(stayctl({"policy", "reload"}), 1);
  EXPECT_THAT(said(), HasSubstr("policy.yaml:2:1: unknown key 'flies'; did you mean 'files'?"));
  EXPECT_NE(outcome(works()), 0);
}

TEST_F(Tools, WhatIsExplainedIsWhatHappens) {
  fs::create_directory_symlink(path("in"), path("link"));
  put_under(kRest + std::string("policy: p\nlabels: {input: [") + path("in") +
            ", \"**/.env\"]}\nfiles: {default: allow, read: {deny: [input], allow: [" +
            path("in/part-1") + "]}}\n");
  write("out/.env", "x");
  const std::pair<std::string, bool> files[] = {
      {path("in/part-0"), false},  {path("in/part-1"), true}, {path("link/part-0"), false},
      {path("link/part-1"), true}, {path("out/.env"), false}, {path("work.sh"), true}};
  for (const auto& [file, allowed] : files) {
    ASSERT_EQ(stayctl({"policy", "explain", "--as", "cgroup:" + cgroup().name() + "/child",
                       "open:" + file + ":read"}),
              0)
        << said();
    EXPECT_THAT(said(), HasSubstr(allowed ? "allow, by " : "deny, by ")) << file;
    EXPECT_THAT(said(), HasSubstr("policy.yaml, in force for "));
    const auto actor = tagged(reads(file));
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value >= 0, allowed) << file << said();
  }
}

TEST_F(Tools, ADiffSaysWhatTheRecordsOperationsWouldMeet) {
  put_under(kRest + std::string("policy: diffed-") + cgroup().name().substr(1) +
            "\nfiles: {default: allow, read: {audit: [" + path("in") + "], deny: [" + path("data") +
            "]}}\n");
  EXPECT_EQ(outcome(works()), 0);
  EXPECT_TRUE(tagged(reads(customers()))->ends());
  write("new.yaml", kRest + std::string("policy: diffed-") + cgroup().name().substr(1) +
                        "\nfiles: {default: allow, read: {hold: [" + path("in/part-2") +
                        "], audit: [" + path("in") + "]}}\n");
  const auto differs = [&] {
    return stayctl({"policy", "diff", path("new.yaml"), "--record", stayd().record_path()}) == 0 &&
           said().find("laxer:\n  deny -> allow  1 time") != std::string::npos;
  };
  EXPECT_TRUE(eventually(differs)) << said();
  EXPECT_THAT(said(), HasSubstr("      open:" + customers() + ":read\n"));
  EXPECT_THAT(said(), HasSubstr("stricter:\n  audit -> hold  1 time"));
  EXPECT_THAT(said(), HasSubstr("      open:" + path("in/part-2") + ":read\n"));
}

}  // namespace
}  // namespace stayd::test
