// SPDX-License-Identifier: Apache-2.0
// What a workload is told of itself, and what it claims.
#include "ctl/client.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

class Self : public KernelTest {
 protected:
  static std::string socket() {
    const std::string path = the_stayd().socket_path();
    return path.substr(0, path.rfind('/')) + "/self.sock";
  }
  // Says the reply, or the error.
  static Body asks(const std::string& method, const std::string& target,
                   const Json& body = nullptr) {
    return [=, socket = socket()](Report& report) -> long {
      const Result<Json> reply = Client(socket).request(method, target, body);
      const std::string text = reply ? reply->dump() : reply.error().message;
      report.say(text.data(), text.size());
      return reply ? 0 : -1;
    };
  }
  std::string told(const Body& body, bool is_tagged = true) {
    const auto actor = is_tagged ? tagged(body) : untagged(body);
    EXPECT_TRUE(actor->ends());
    return actor->report().text;
  }
};

TEST_F(Self, AWorkloadSeesWhatOfItWaitsAndWhyItWasRefused) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  const Json holds = Json::parse(told(asks("GET", "/v1/holds")))["holds"];
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0]["object"], customers());
  EXPECT_EQ(holds[0]["threads"], 1);
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  const Json denials = Json::parse(told(asks("GET", "/v1/denials")))["denials"];
  ASSERT_EQ(denials.size(), 1u);
  EXPECT_EQ(denials[0]["reason"], "denied");
  EXPECT_NE(denials[0]["detail"], "");
}

TEST_F(Self, WhoIsInNoWorkloadIsTurnedAwayWhateverItSays) {
  EXPECT_EQ(told(asks("GET", "/v1/holds"), false),
            "this process is in no workload; people use stayctl, and stayd.sock");
}

TEST_F(Self, WhatItClaimsIsShownAsAClaimOnTheNextTicket) {
  EXPECT_EQ(told(asks("PUT", "/v1/intent", {{"text", "export\nthe list"}})), "{}");
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  EXPECT_EQ(ticket["circumstances"]["intent"]["claim"], "export\\nthe list");
  deny(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(Self, AFloodOfRequestsIsToldToWaitAndOthersAreServed) {
  const auto actor = tagged([socket = socket()](Report& report) -> long {
    for (int i = 0; i < 200; ++i) {
      const Result<Json> reply = Client(socket).request("GET", "/v1/holds");
      ++report.counters[reply ? 0 : 1];
    }
    return 0;
  });
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().counters[1], 0) << "nothing was refused";
  EXPECT_GE(actor->report().counters[0], 40);
  EXPECT_TRUE(stayd().try_request("GET", "/v1/status"));
}

}  // namespace
}  // namespace stayd::test
