// SPDX-License-Identifier: Apache-2.0
// Who may answer, and what an answer is to. Whoever may not is told why, each time in other words,
// and the thread goes on waiting.
#include <grp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"
#include "support/record_reader.h"

namespace stayd::test {
namespace {

constexpr const char* kGroup = "users";  // may use the socket

// Olga owns the workload. She and Bob have two accounts each.
constexpr const char* kPeople = R"(people:
  olga: {name: Olga Own, accounts: [unix: 2001, unix: 2002]}
  bob: {name: Bob Byrd, accounts: [unix: 2003, unix: 2004]}
  carla: {name: Carla Cho, accounts: [unix: 2005]}
  dora: {name: Dora Dent, accounts: [unix: 2006]}
groups:
  stewards: [olga, bob, carla]
)";

class Answers : public KernelTest {
 protected:
  Answers() {
    put_under("quorum: 1, timeout: 10m");
    std::ofstream(path("people.yaml")) << kPeople;
    stayd().stop();
    stayd().start({"--people", path("people.yaml"), "--group", kGroup});
  }
  ~Answers() override {
    stayd().stop();
    stayd().start();
  }

  void put_under(const std::string& approval) {
    write("policy.yaml", "policy: people\nowner: olga\nlabels: {data: [" + path("data") +
                             "]}\nnetwork: {default: allow}\nexec: {default: allow}\nfiles: "
                             "{default: allow, read: {hold: [data]}}\n"
                             "approval: {approvers: [stewards], " +
                             approval + "}\n");
  }
  // Once the people are known, so that the policy's approvers are.
  void put_into_force(const std::string& approval) {
    put_under(approval);
    assign();
  }

  // As stayctl does for the user: what the socket says to it, "" if it took the answer.
  std::string answer_as(uid_t user, const Json& ticket, const std::string& choice,
                        const std::string& digest = "") {
    const gid_t group = ::getgrnam(kGroup)->gr_gid;
    const auto person = untagged([&](Report& report) -> long {
      if (::setgroups(1, &group) || ::setgid(group) || ::setuid(user)) return -1;
      const Result<Json> reply = stayd().try_request(
          "POST", "/v1/tickets/" + ticket["id"].dump() + "/decision",
          {{"choice", choice},
           {"digest", digest.empty() ? ticket["digest"].get<std::string>() : digest},
           {"reason", "a test says so"}});
      if (!reply) report.say(reply.error().message.data(), reply.error().message.size());
      return 0;
    });
    EXPECT_TRUE(person->ends());
    EXPECT_EQ(person->report().value, 0) << "cannot become user " << user;
    return person->report().text;
  }

  void expect_refused(const std::string& said, const std::string& word) {
    EXPECT_NE(said.find(word), std::string::npos) << said;
    EXPECT_TRUE(seen_.insert(said).second) << "the same words as for something else: " << said;
  }

  std::set<std::string> seen_;
};

TEST_F(Answers, EachThatDoesNotCountHasItsOwnWord) {
  put_into_force("quorum: 1, timeout: 10m");
  RecordReader record(stayd().record_path());
  const auto reader = tagged(reads(customers()));
  const Json ticket = question("open", reader->pid());
  expect_refused(answer_as(2001, ticket, "approve"), "Olga Own owns the workload");
  // Her second account says the same of her.
  EXPECT_NE(answer_as(2002, ticket, "approve").find("Olga Own owns the workload"),
            std::string::npos);
  expect_refused(answer_as(2006, ticket, "approve"), "Dora Dent is not among those asked");
  expect_refused(answer_as(2009, ticket, "approve"), "is in no entry of people.yaml");
  expect_refused(answer_as(2003, ticket, "approve", std::string(64, '0')), "the digest differs");
  EXPECT_FALSE(reader->report().ended) << "a refused answer let it go on";
  EXPECT_EQ(look_at(ticket)["outcome"], "open");

  EXPECT_EQ(answer_as(2003, ticket, "approve"), "");
  expect_refused(answer_as(2003, ticket, "approve"), "already approved by Bob Byrd");
  // Clicked by two at once: the second comes too late, and changes nothing.
  EXPECT_NE(answer_as(2005, ticket, "deny").find("already approved by Bob Byrd"),
            std::string::npos);
  ASSERT_TRUE(reader->ends());
  EXPECT_GT(reader->report().value, 0);
  std::size_t refused = 0;
  for (const Json& event : record.next())
    if (event["event"] == "decision_refused" && event["ticket"] == ticket["id"]) ++refused;
  EXPECT_EQ(refused, 7u);
}

TEST_F(Answers, OnePersonWithTwoAccountsIsNoQuorum) {
  put_into_force("quorum: 2, timeout: 10m");
  const auto reader = tagged(reads(customers()));
  const Json ticket = question("open", reader->pid());
  EXPECT_EQ(answer_as(2003, ticket, "approve"), "");
  expect_refused(answer_as(2004, ticket, "approve"), "Bob Byrd has approved already; 1 more must");
  EXPECT_TRUE(throughout(kWhile, [&] { return !reader->report().ended; }));
  EXPECT_EQ(answer_as(2005, ticket, "approve"), "");
  ASSERT_TRUE(reader->ends());
  EXPECT_GT(reader->report().value, 0);
}

TEST_F(Answers, AnAnswerAfterTheTimeIsNoAnswer) {
  put_into_force("quorum: 1, timeout: 1s");
  const auto reader = tagged(reads(customers()));
  const Json ticket = question("open", reader->pid());
  ASSERT_TRUE(ends_as(ticket, "expired"));
  expect_refused(answer_as(2003, ticket, "approve"), "already expired");
  ASSERT_TRUE(reader->ends());
  EXPECT_EQ(reader->report().error, EPERM);
}

// A link is pointed at another file while people look at the first one.
TEST_F(Answers, WhatIsSwappedAfterTheQuestionIsAnotherQuestion) {
  put_into_force("quorum: 1, timeout: 10m");
  write("data/secret", "not for you");
  std::filesystem::create_symlink(customers(), path("link"));
  const auto reader = tagged(reads(path("link")));
  const Json harmless = question("open", reader->pid());
  std::filesystem::remove(path("link"));
  std::filesystem::create_symlink(path("data/secret"), path("link"));
  EXPECT_EQ(answer_as(2003, harmless, "approve"), "");
  ASSERT_TRUE(eventually([&] { return anything_open(); }));
  const Json other = question("open", reader->pid());
  EXPECT_NE(other["id"], harmless["id"]);
  EXPECT_EQ(other["operation"]["path"], path("data/secret"));
  expect_refused(answer_as(2003, harmless, "approve"), "already");
  EXPECT_FALSE(reader->report().ended);
  EXPECT_EQ(answer_as(2003, other, "deny"), "");
  ASSERT_TRUE(reader->ends());
  EXPECT_EQ(reader->report().error, EPERM);
}

}  // namespace
}  // namespace stayd::test
