// SPDX-License-Identifier: Apache-2.0
// Answers that come when nobody waits any more, or before anything was tried, and those that are
// for more than one operation.
#include <signal.h>

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "ctl/client.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class LateAnswers : public KernelTest {
 protected:
  LateAnswers() {
    std::ofstream(path("policy.yaml"))
        << "policy: kernel-test\nlabels: {data: [" << path("data") << "]}\n"
        << "network: {default: allow}\n"
        << "files: {default: allow, read: {hold: [data]}, create: {hold: [" << path("new")
        << "]}}\nexec: {default: allow, hold: [" << path("programs") << "]}\n"
        << "approval: {timeout: 10m}\n";
    assign();
  }

  // A question that nobody waits for any more.
  Json abandoned(const Body& body) {
    const auto actor = tagged(body);
    const Json ticket = question();
    actor->send(SIGKILL);
    EXPECT_TRUE(actor->ends());
    EXPECT_TRUE(eventually([&] { return !look_at(ticket)["caller_left"].is_null(); }));
    EXPECT_EQ(look_at(ticket)["outcome"], "open");
    return ticket;
  }
  // What `stayctl why` says to the workload.
  std::string why() {
    const std::string directory = stayd().socket_path().substr(0, stayd().socket_path().rfind('/'));
    const auto actor =
        tagged(executes("/bin/sh", {"-c", "STAYD_SELF_SOCKET=" + directory + "/self.sock " +
                                              built_program("agent/ctl/stayctl") + " why >" +
                                              path("why") + " 2>&1"}));
    EXPECT_TRUE(actor->ends());
    std::ifstream file(path("why"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // What a process of the workload is told about what it asks for in advance.
  Json ask(const Json& request) {
    const std::string of_people = the_stayd().socket_path();
    const std::string socket = of_people.substr(0, of_people.rfind('/')) + "/self.sock";
    const auto actor = tagged([=](Report& report) -> long {
      const Result<Json> reply = Client(socket).request("POST", "/v1/requests", request);
      const std::string text =
          reply ? Json{{"state", (*reply)["state"]}, {"request", (*reply)["request"]}}.dump()
                : reply.error().message;
      report.say(text.data(), text.size());
      return reply ? 0 : -1;
    });
    EXPECT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value, 0) << actor->report().text;
    return actor->report().value == 0 ? Json::parse(actor->report().text) : Json::object();
  }
  Json ticket_of(const Json& answer) { return look_at({{"id", answer["request"]}}); }
  void expect_read(const std::string& below) {
    const auto actor = tagged(reads(path(below)));
    ASSERT_TRUE(actor->ends());
    EXPECT_GT(actor->report().value, 0) << below << ": errno " << actor->report().error;
  }
};

TEST_F(LateAnswers, AnApprovalLetsTheNextAttemptThroughOnceWithoutAQuestion) {
  approve(abandoned(reads(customers())));
  expect_read("data/list.csv");
  EXPECT_EQ(questions(), 1u);
  const auto again = tagged(reads(customers()));
  deny(question("open", again->pid()));
  ASSERT_TRUE(again->ends());
  EXPECT_EQ(questions(), 2u) << "one approval, one attempt";
}

TEST_F(LateAnswers, TheWorkloadIsToldThatPeopleAreStillAskedAndThenToTryAgain) {
  const Json ticket = abandoned(reads(customers()));
  EXPECT_THAT(why(), AllOf(HasSubstr("stayd: lingers: open " + customers() + ", nobody waits; "),
                           HasSubstr("(try again: after-approval)")));
  approve(ticket);
  EXPECT_THAT(why(), AllOf(HasSubstr("stayd: approved: open " + customers() + ", by "),
                           HasSubstr(", for one attempt until "), HasSubstr("(try again: now)")));
}

TEST_F(LateAnswers, ADenialRefusesTheNextAttemptAtOnceAndSaysWhy) {
  deny(abandoned(reads(customers())));
  const auto next = tagged(reads(customers()));
  ASSERT_TRUE(next->ends());
  EXPECT_EQ(next->report().error, EPERM);
  EXPECT_EQ(questions(), 1u);
  EXPECT_THAT(why(), HasSubstr("a person said no to this already, and it is denied at once"));
}

TEST_F(LateAnswers, TheNextAttemptJoinsAQuestionThatIsStillOpen) {
  const Json ticket = abandoned(reads(customers()));
  const auto next = tagged(reads(customers()));
  ASSERT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == 1; }));
  approve(ticket);
  ASSERT_TRUE(next->ends());
  EXPECT_GT(next->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(LateAnswers, WhatIsAskedInAdvanceIsTheVeryFileThatIsOpened) {
  const Json answer = ask({{"operation", "open"}, {"object", customers()}, {"reason", "a test"}});
  ASSERT_EQ(answer["state"], "open") << answer;
  EXPECT_EQ(ticket_of(answer)["stated_reason"], "a test");
  approve(ticket_of(answer));
  expect_read("data/list.csv");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(LateAnswers, WhatIsAskedInAdvanceIsTheVeryNameThatIsMade) {
  const Json answer =
      ask({{"operation", "create"}, {"object", path("new/file")}, {"reason", "a test"}});
  ASSERT_EQ(answer["state"], "open") << answer;
  approve(ticket_of(answer));
  const auto actor = tagged(creates(path("new/file")));
  ASSERT_TRUE(actor->ends());
  EXPECT_GE(actor->report().value, 0) << "errno " << actor->report().error;
  EXPECT_EQ(questions(), 1u);
}

TEST_F(LateAnswers, WhatIsAskedInAdvanceIsTheVeryProgramWithTheseArguments) {
  const std::string program = add_program("/bin/true");
  const std::string sixty_three(63, 'x');
  const Json answer = ask(
      {{"operation", "exec"}, {"object", {program, "a", "", sixty_three}}, {"reason", "a test"}});
  ASSERT_EQ(answer["state"], "open") << answer;
  approve(ticket_of(answer));
  const auto actor = tagged(executes(program, {"a", "", sixty_three}));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 1u);
  const auto other = tagged(executes(program, {"b"}));
  deny(question("exec", other->pid()));
  ASSERT_TRUE(other->ends());
}

TEST_F(LateAnswers, WhatNeedsNoApprovalIsSaidToNeedNone) {
  write("free", "x");
  EXPECT_EQ(ask({{"operation", "open"}, {"object", path("free")}, {"reason", "a test"}})["state"],
            "not-needed");
  EXPECT_EQ(ask({{"operation", "open"}, {"object", path("none")}, {"reason", "a test"}})["state"],
            "not-bound");
  EXPECT_EQ(questions(), 0u);
}

TEST_F(LateAnswers, ADirectoryIsAskedAboutOnce) {
  for (const char* each : {"data/a", "data/b", "data/c"}) write(each, "x");
  const auto first = tagged(reads(path("data/a")));
  const Json ticket = question("open");
  const Result<Json> decided =
      stayd().try_request("POST", "/v1/tickets/" + ticket["id"].dump() + "/decision",
                          {{"choice", "approve"},
                           {"digest", ticket["digest"]},
                           {"scope", "directory"},
                           {"for_seconds", 600}});
  ASSERT_TRUE(decided) << decided.error().message;
  ASSERT_TRUE(first->ends());
  for (const char* each : {"data/b", "data/c", "data/list.csv"}) expect_read(each);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
