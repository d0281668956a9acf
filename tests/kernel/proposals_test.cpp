// SPDX-License-Identifier: Apache-2.0
// A standing rule is a file for somebody to look at, and nothing more until then.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "ctl/commands.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

using testing::HasSubstr;

class Proposals : public KernelTest {
 protected:
  int stayctl(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "--socket=" + stayd().socket_path());
    return run_stayctl(words, {out_, err_});
  }
  std::string said() const { return out_.str() + err_.str(); }
  Json proposals() { return stayd().request("GET", "/v1/proposals")["proposals"]; }
  // The one of the ticket; null: there is none.
  Json proposal_of(const Json& ticket) {
    for (const Json& each : proposals())
      if (each["ticket"] == ticket["id"]) return each;
    return nullptr;
  }
  std::string record() const {
    std::ifstream file(stayd_record());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string stayd_record() { return the_stayd().record_path(); }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Proposals, AnApprovalCanLeaveAFileThatWouldAllowTheSameAndChangesNothing) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  ASSERT_EQ(stayctl({"approve", ticket["id"].dump(), "--propose-rule"}), 0) << said();
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);

  const Json proposal = proposal_of(ticket);
  ASSERT_TRUE(proposal.is_object()) << proposals() << stayd().last_words();
  const std::string file = proposal["file"];
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0600u);
  ASSERT_EQ(stayctl({"proposals"}), 0) << said();
  EXPECT_THAT(said(), HasSubstr(file));
  EXPECT_THAT(record(), HasSubstr("\"event\":\"rule_proposed\""));

  EXPECT_EQ(stayctl({"policy", "check", file}), 0) << said();
  EXPECT_EQ(stayctl({"policy", "diff", "--record", stayd_record(), file}), 0) << said();
  EXPECT_THAT(said(), HasSubstr(customers()));

  const auto again = tagged(reads(customers()));
  deny(question("open"));
  ASSERT_TRUE(again->ends());
  EXPECT_EQ(again->report().error, EPERM);

  stayd().request("POST", "/v1/workloads", {{"cgroup", cgroup().name()}, {"policy", file}});
  const auto allowed = tagged(reads(customers()));
  ASSERT_TRUE(allowed->ends());
  EXPECT_GT(allowed->report().value, 0);
  write("data/other", "x");
  const auto other = tagged(reads(path("data/other")));
  deny(question("open"));
  EXPECT_TRUE(other->ends());
}

TEST_F(Proposals, WithoutBeingAskedForThereIsNone) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_TRUE(proposal_of(ticket).is_null());
}

TEST_F(Proposals, WhatNoRuleCanNameIsApprovedAllTheSameAndSaidInTheRecord) {
  write("data/[a].csv", "x");
  const auto actor = tagged(reads(path("data/[a].csv")));
  const Json ticket = question("open");
  ASSERT_EQ(stayctl({"approve", ticket["id"].dump(), "--propose-rule"}), 0) << said();
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_TRUE(proposal_of(ticket).is_null());
  EXPECT_THAT(record(), HasSubstr("no rule can name the path"));
}

}  // namespace
}  // namespace stayd::test
