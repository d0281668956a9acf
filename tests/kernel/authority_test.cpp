// SPDX-License-Identifier: Apache-2.0
// Nobody approves for themselves.
#include "ctl/client.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

using Authority = KernelTest;

// Makes the request, and says how that ended.
Body asks_stayd(const std::string& method, const std::string& target, const Json& body) {
  return [=, socket = the_stayd().socket_path()](Report& report) -> long {
    const Result<Json> reply = Client(socket).request(method, target, body);
    const std::string text = reply ? "accepted" : reply.error().message;
    report.say(text.data(), text.size());
    return reply ? 0 : -1;
  };
}

TEST_F(Authority, AWorkloadCannotApproveItsOwnTicket) {
  const auto held = tagged(reads(customers()));
  const Json ticket = question();
  const std::string target = "/v1/tickets/" + ticket["id"].dump() + "/decision";
  const Body approves =
      asks_stayd("POST", target, {{"choice", "approve"}, {"digest", ticket["digest"]}});
  for (const Body& way : {approves, in_a_child(approves)}) {
    const auto actor = tagged(way);
    ASSERT_TRUE(actor->ends());
    EXPECT_LT(actor->report().value, 0);
    EXPECT_STREQ(actor->report().text, "a workload cannot answer for itself");
  }
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  EXPECT_FALSE(held->report().ended);
  const auto somebody_else = untagged(approves);
  ASSERT_TRUE(somebody_else->ends());
  EXPECT_STREQ(somebody_else->report().text, "accepted");
  ASSERT_TRUE(held->ends());
  EXPECT_GT(held->report().value, 0);
}

TEST_F(Authority, AWorkloadCannotReadTicketsNorChangeWorkloads) {
  for (const Body& body : {asks_stayd("GET", "/v1/tickets", nullptr),
                           asks_stayd("DELETE", "/v1/workloads", {{"cgroup", cgroup().name()}})}) {
    const auto actor = tagged(body);
    ASSERT_TRUE(actor->ends());
    EXPECT_STREQ(actor->report().text, "a workload cannot answer for itself");
  }
}

TEST_F(Authority, MovingAwayFirstDoesNotHelp) {
  const auto actor = tagged([body = asks_stayd("GET", "/v1/tickets", nullptr)](Report& report) {
    if (!enter_cgroup("/sys/fs/cgroup")) return 0L;
    return body(report);
  });
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "a workload cannot answer for itself");
}

TEST_F(Authority, TheOwnerOfAWorkloadCannotAnswerForIt) {
  const std::string policy =
      "policy: owned\nnetwork: {default: hold}\nexec: {default: allow}\n"
      "files: {default: allow, read: {hold: [" +
      path("data") + "]}}\n";
  write("policy.yaml", policy + "owner: root\n");
  assign();
  const auto held = tagged(reads(customers()));
  const Json ticket = question();
  for (const char* choice : {"approve", "deny"}) {
    const Result<Json> decided = decide(ticket, choice);
    ASSERT_FALSE(decided);
    EXPECT_NE(decided.error().message.find("owns the workload"), std::string::npos)
        << decided.error().message;
  }
  EXPECT_FALSE(held->report().ended);
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  write("policy.yaml", policy + "owner: daemon@example.com\n");
  assign();
  EXPECT_TRUE(ends_as(ticket, "superseded"));
  approve(question());
  ASSERT_TRUE(held->ends());
  EXPECT_GT(held->report().value, 0);
}

}  // namespace
}  // namespace stayd::test
