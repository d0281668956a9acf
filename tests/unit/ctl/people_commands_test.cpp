// SPDX-License-Identifier: Apache-2.0
// stayctl people list and remove, on a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "base/json.h"
#include "ctl/commands.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using testing::HasSubstr;

constexpr const char* kFile = R"(people:
  alice:
    name: Alice Ng
    accounts:
      - unix: 1000
  bob: {email: bob@example.com, accounts: [unix: 1001]}   # on leave
groups:
  stewards: [alice, bob]
)";

class PeopleCommands : public testing::Test {
 protected:
  PeopleCommands() { std::ofstream(file_) << kFile; }

  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.push_back("--people=" + file_);
    return run_stayctl(words, {out_, err_});
  }
  std::string text() const {
    std::ifstream file(file_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TempDir directory_;
  const std::string file_ = directory_ / "people.yaml";
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PeopleCommands, ListIsATableOfPeopleWithTheirGroupsAndAccounts) {
  EXPECT_EQ(run({"people", "list"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), testing::ContainsRegex("alice +Alice Ng +stewards +unix:1000\n"));
  EXPECT_THAT(out_.str(), testing::ContainsRegex("bob +stewards +unix:1001\n"));
}

TEST_F(PeopleCommands, ListInJsonHasEveryMember) {
  EXPECT_EQ(run({"people", "list", "--json"}), kExitOk) << err_.str();
  EXPECT_EQ(*parse_json(out_.str()), nlohmann::json::parse(R"([
    {"id": "alice", "name": "Alice Ng", "email": "", "accounts": ["unix:1000"], "groups": ["stewards"]},
    {"id": "bob", "name": "", "email": "bob@example.com", "accounts": ["unix:1001"], "groups": ["stewards"]}])"));
}

TEST_F(PeopleCommands, ListWithoutAFileSaysWhoMayAnswer) {
  std::filesystem::remove(file_);
  EXPECT_EQ(run({"people", "list"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("every user of this host who may use stayd's socket"));
  EXPECT_EQ(run({"people", "list", "--json"}), kExitOk);
  EXPECT_EQ(out_.str(), "[]\n");
}

TEST_F(PeopleCommands, RemoveWritesTheFileAndSaysHowToPutItIntoForce) {
  EXPECT_EQ(run({"people", "remove", "bob"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("bob is removed from " + file_ + "\nRun 'stayctl policy reload'"));
  EXPECT_EQ(text(),
            "people:\n  alice:\n    name: Alice Ng\n    accounts:\n      - unix: 1000\n"
            "groups:\n  stewards: [alice]\n");
  EXPECT_EQ(run({"people", "list", "--json"}), kExitOk);
  EXPECT_EQ(parse_json(out_.str())->size(), 1u);
}

TEST_F(PeopleCommands, RemovingNobodyWhoIsThereFailsAndLeavesTheFileAlone) {
  EXPECT_EQ(run({"people", "remove", "carol"}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("has no person 'carol'; see: stayctl people list"));
  EXPECT_EQ(text(), kFile);
  std::filesystem::remove(file_);
  EXPECT_EQ(run({"people", "remove", "bob"}), kExitFailure);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace stayd
