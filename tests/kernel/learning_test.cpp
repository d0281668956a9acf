// SPDX-License-Identifier: Apache-2.0
// A draft on top of packs: what is seen on the first day, and what is asked on the second.
#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "ctl/commands.h"
#include "host_names.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = "fd53::a1";
constexpr const char* kPaste = "fd53::b2";

class Learning : public HostNames {
 protected:
  Learning() {
    fs::copy(STAYD_PACK_DIRECTORY, stayd().pack_directory(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    for (const char* each : {"repo", "repo/src", "keys"}) fs::create_directory(path(each));
    write("keys/id_rsa", "a key\n", 0600);
    // Edits as agents do.
    write("repo/edit.sh", "set -e; cd " + path("repo") +
                              "\n"
                              "for i in 1 2 3 4 5 6; do echo $i > src/f$i.tmp\n"
                              "mv src/f$i.tmp src/f$i; cat src/f$i > /dev/null; done\n");
  }

  ~Learning() override { fs::remove_all(stayd().pack_directory()); }

  int stayctl(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "--socket=" + stayd().socket_path());
    return run_stayctl(words, {out_, err_});
  }
  std::string said() const { return out_.str() + err_.str(); }
  long does(const Body& body) const { return result(tagged(body)); }
  // 0, or the shell's status.
  int edits() const {
    const auto shell = tagged(executes("/bin/sh", {path("repo/edit.sh")}));
    return shell->ends() ? shell->exit_code() : -1;
  }
  // Connections within a second are one contact.
  void reach_model_twice() const {
    ASSERT_EQ(does(connects_to(kModel)), 0);
    const std::int64_t first = now_ns();
    ASSERT_TRUE(eventually([&] { return since_ns(first) > milliseconds(1200); }));
    ASSERT_EQ(does(connects_to(kModel)), 0);
  }
  void start_learning() {
    stayd().request("POST", "/v1/learning",
                    {{"cgroup", cgroup().name()},
                     {"seconds", 600},
                     {"use", {"coding-agent", "git", "secrets"}},
                     {"with", {{"repository", path("repo")}}},
                     {"trust", {"coding-agent"}},
                     {"user", "root"}});
  }
  // The draft, in force from now on.
  std::string enforced(std::string draft) {
    draft.replace(draft.find("mode: observe"), 13, "mode: enforce");
    write("policy.yaml", draft);
    assign();
    return draft;
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Learning, WhatASecretSetInMotionIsAQuestionAndTheRestOfTheDayIsNot) {
  start_learning();
  ASSERT_EQ(edits(), 0);
  ASSERT_NO_FATAL_FAILURE(reach_model_twice());
  ASSERT_GT(does(reads(path("keys/id_rsa"))), 0) << "nothing is held while it is learned";
  ASSERT_EQ(does(connects_to(kPaste)), 0);
  ASSERT_EQ(does(connects_to(kPaste)), 0);
  ASSERT_EQ(stayctl({"learn", cgroup().name()}), 0) << said();
  const std::string draft = out_.str();
  EXPECT_THAT(draft, HasSubstr("trust: [coding-agent]\n"));
  EXPECT_THAT(draft, Not(HasSubstr("all the same")));
  EXPECT_THAT(draft, Not(HasSubstr(path("repo/src"))));
  EXPECT_THAT(draft, HasSubstr("secret: read of " + path("keys/id_rsa")));
  EXPECT_THAT(draft, HasSubstr("was first reached after " + path("keys/id_rsa") + " was read."));
  EXPECT_THAT(draft, HasSubstr("2 questions are left to you"));

  const std::string policy = enforced(draft);
  EXPECT_EQ(edits(), 0) << policy;
  EXPECT_EQ(does(connects_to(kModel)), 0) << policy;
  EXPECT_EQ(questions(), 0u) << tickets(true).dump(1) << policy;
  const auto reader = tagged(reads(path("keys/id_rsa")));
  deny(question("open"));
  EXPECT_EQ(result(reader), -EPERM);
  const auto paste = tagged(connects_to(kPaste));
  deny(question("connect"));
  EXPECT_NE(result(paste), 0);
}

TEST_F(Learning, ADestinationIsCountedAgainAfterASecond) {
  start_learning();
  ASSERT_EQ(does(connects_to(kPaste)), 0);
  ASSERT_NO_FATAL_FAILURE(reach_model_twice());
  ASSERT_EQ(stayctl({"learn", cgroup().name()}), 0) << said();
  const std::string port = ":" + std::to_string(port_) + "/tcp";
  EXPECT_THAT(said(), HasSubstr("- \"[" + std::string(kModel) + "]" + port + "\"\n"));
  EXPECT_THAT(said(), HasSubstr("connect to [" + std::string(kPaste) + "]" + port +
                                ". It was reached once."));
}

TEST_F(Learning, ALearnThatWaitsEndsWhenAnotherTakesTheDraft) {
  std::ostringstream out, err;
  int status = -1;
  std::thread waiting([&] {
    status = run_stayctl(std::vector<std::string>{"--socket=" + stayd().socket_path(), "learn",
                                                  cgroup().name(), "--for", "1h"},
                         {out, err});
  });
  const bool begun =
      eventually([&] { return stayd().request("GET", "/v1/learning")["sessions"].size() == 1; });
  const int ended = begun ? stayctl({"learn", cgroup().name()}) : -1;
  waiting.join();
  EXPECT_EQ(ended, 0) << said();
  EXPECT_EQ(status, 0) << err.str();
  EXPECT_EQ(out.str(), "") << "the draft is printed once";
  const auto held = tagged(reads(customers()));
  deny(question("open"));
  EXPECT_TRUE(held->ends()) << "it is under its own policy again";
}

}  // namespace
}  // namespace stayd::test
