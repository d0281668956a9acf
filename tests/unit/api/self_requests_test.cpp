// SPDX-License-Identifier: Apache-2.0
// Requests in advance, as self.sock takes them.
#include <gtest/gtest.h>

#include "api/self_service.h"
#include "unit/api/running_self.h"

namespace stayd {
namespace {

using namespace test;
using boost::beast::http::verb;

constexpr const char* kAsk = R"({"operation": "open", "object": "/srv/x", "reason": "to look"})";

class SelfRequestRoutes : public ::testing::Test {
 protected:
  SelfRequestRoutes() { peer_.workload = kLive; }
  Routed post(const char* body) {
    return service_.route({verb::post, "/v1/requests", body, peer_});
  }
  Reply get(std::string_view target) {
    const Routed routed = service_.route({verb::get, target, "", peer_});
    return routed ? routed->perform() : routed.error();
  }

  OneWorkload knowledge_;
  SelfService service_{knowledge_, [] { return RateLimiter::Time{} + std::chrono::hours(1); }};
  Peer peer_;
};

TEST_F(SelfRequestRoutes, AreAnsweredOnceTheObjectHasBeenLookedUp) {
  const Routed routed = post(kAsk);
  ASSERT_TRUE(routed);
  EXPECT_EQ(knowledge_.asked_ahead->wanted.path, "/srv/x");
  EXPECT_EQ(knowledge_.asked_ahead->reason, "to look");
  EXPECT_FALSE(routed->wait->ready());
  knowledge_.replies.at(0)->body = nlohmann::json::object({{"state", "open"}});
  EXPECT_TRUE(routed->wait->ready());
  EXPECT_EQ(routed->perform().body["state"], "open");
  EXPECT_FALSE(knowledge_.replies[0]->given_up);
}

TEST_F(SelfRequestRoutes, ComeToNothingIfTheLookUpTakesTooLong) {
  const Routed routed = post(kAsk);
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->perform().status, 503u);
  EXPECT_TRUE(knowledge_.replies.at(0)->given_up);
}

TEST_F(SelfRequestRoutes, ThatMakeNoSenseAreRefusedBeforeAnythingIsLookedUp) {
  const Routed routed = post(R"({"operation": "open"})");
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().status, 400u);
  EXPECT_EQ(routed.error().body["error"], "\"object\" is missing");
  EXPECT_FALSE(knowledge_.asked_ahead);
}

TEST_F(SelfRequestRoutes, TellTheStateOfTheWorkloadsOwnRequestsOnly) {
  EXPECT_EQ(get("/v1/requests/17").body["request"], 17);
  EXPECT_EQ(get("/v1/requests/18").status, 404u);
  EXPECT_EQ(get("/v1/requests/x").status, 400u);
}

TEST_F(SelfRequestRoutes, CountAgainstTheWorkloadsLimit) {
  for (int i = 0; i < static_cast<int>(SelfService::kBurst); ++i) ASSERT_TRUE(post(kAsk));
  const Routed routed = post(kAsk);
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().status, 429u);
}

}  // namespace
}  // namespace stayd
