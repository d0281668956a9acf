// SPDX-License-Identifier: Apache-2.0
#include "api/self_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/client.h"
#include "unit/api/running_self.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using boost::beast::http::verb;
using testing::HasSubstr;

class SelfRoutes : public ::testing::Test {
 protected:
  SelfRoutes() { peer_.workload = kLive; }
  Routed get(const std::string& target) { return service_.route({verb::get, target, "", peer_}); }
  unsigned status_of(const std::string& target) {
    const Routed routed = get(target);
    return routed ? routed->perform().status : routed.error().status;
  }

  OneWorkload knowledge_;
  RateLimiter::Time now_{};
  SelfService service_{knowledge_, [this] { return now_; }};
  Peer peer_;
};

TEST_F(SelfRoutes, AnswerTheWorkloadThatThePeerWasRecordedWith) {
  EXPECT_TRUE(service_.admit(peer_));
  const Routed routed = get("/v1/holds");
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->perform().body["seq"], 100);
}

TEST_F(SelfRoutes, RefusePeersOfNoWorkloadAndOfOneThatWasReleased) {
  Peer outsider, former;
  former.workload = WorkloadId{3, 8};
  for (const Peer& peer : {outsider, former}) {
    EXPECT_FALSE(service_.admit(peer));
    for (const char* target : {"/v1/holds", "/v1/events?after=100&wait=50"}) {
      const Routed routed = service_.route({verb::get, target, "", peer});
      ASSERT_FALSE(routed);
      EXPECT_EQ(routed.error().status, 403u);
    }
  }
}

TEST_F(SelfRoutes, GiveWhatCameAfterANumber) {
  knowledge_.tell({{"event", "denied"}});
  knowledge_.tell({{"event", "denied"}});
  EXPECT_EQ(get("/v1/denials?after=101")->perform().body["denials"].size(), 1u);
  EXPECT_EQ(get("/v1/denials")->perform().body["denials"].size(), 2u);
  EXPECT_EQ(get("/v1/events?after=101")->perform().body["events"][0]["seq"], 102);
}

TEST_F(SelfRoutes, GiveAReaderWhatItHasNotRead) {
  const auto post = [this](const char* body) {
    const Routed routed = service_.route({verb::post, "/v1/unread", body, peer_});
    return routed ? routed->perform() : routed.error();
  };
  knowledge_.tell({{"event", "denied"}});
  EXPECT_EQ(post(R"({"reader": "claude/1"})").body["events"].size(), 1u);
  EXPECT_EQ(post(R"({"reader": "claude/1"})").body["events"].size(), 0u);
  EXPECT_EQ(post("{}").status, 400u);
  EXPECT_EQ(post(("{\"reader\": \"" + std::string(129, 'x') + "\"}").c_str()).status, 400u);
}

TEST_F(SelfRoutes, RefuseParametersThatTheyDoNotKnow) {
  for (const char* target :
       {"/v1/holds?after=1", "/v1/denials?wait=1", "/v1/denials?after=x", "/v1/events?after=-1",
        "/v1/events?after=100&wait=51", "/v1/events?since=1", "/v1/events?after=1&after=1"})
    EXPECT_EQ(status_of(target), 400u) << target;
  EXPECT_EQ(status_of("/v1/event"), 404u);
  EXPECT_EQ(service_.route({verb::post, "/v1/events", "", peer_}).error().status, 405u);
}

TEST_F(SelfRoutes, WaitOnlyWhileThereIsNothingNew) {
  EXPECT_FALSE(get("/v1/events?after=99&wait=50")->wait);
  EXPECT_FALSE(get("/v1/events?after=100")->wait);
  EXPECT_FALSE(get("/v1/events?after=101&wait=50")->wait) << "the number is an earlier stayd's";
  const Routed waiting = get("/v1/events?after=100&wait=50");
  ASSERT_TRUE(waiting && waiting->wait);
  EXPECT_EQ(waiting->wait->at_most, 50s);
  EXPECT_FALSE(waiting->wait->ready());
  knowledge_.last = 101;
  EXPECT_TRUE(waiting->wait->ready());
}

TEST_F(SelfRoutes, CountNoRequestThatWaitsAgainstTheLimitOfRequests) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(get("/v1/events?after=100&wait=50")) << i;
  for (int i = 0; i < 40; ++i) ASSERT_EQ(status_of("/v1/holds"), 200u) << i;
  EXPECT_EQ(status_of("/v1/holds"), 429u);
  EXPECT_EQ(status_of("/v1/events?after=99&wait=50"), 429u) << "it would not have waited";
  EXPECT_EQ(status_of("/v1/events?after=x&wait=50"), 429u);
  EXPECT_EQ(status_of("/v1/events?after=100&wait=50"), 200u);
}

TEST_F(SelfRoutes, LetFourRequestsOfAWorkloadWaitAtOnce) {
  std::vector<Routed> waiting;
  for (std::size_t i = 0; i < SelfService::kMaxPollers; ++i)
    waiting.push_back(get("/v1/events?after=100&wait=50"));
  const Routed fifth = get("/v1/events?after=100&wait=50");
  ASSERT_FALSE(fifth);
  EXPECT_EQ(fifth.error().status, 429u);
  EXPECT_THAT(fifth.error().body.dump(), HasSubstr("4 requests that wait already"));
  waiting.pop_back();
  EXPECT_TRUE(get("/v1/events?after=100&wait=50")) << "one has left";
}

TEST_F(SelfRoutes, OutliveNeitherTheWorkloadNorWhoAsks) {
  Routed waiting = get("/v1/events?after=100&wait=50");
  service_.forget(kLive);
  EXPECT_EQ(waiting->perform().status, 200u);
}

class SelfSocket : public ::testing::Test {
 protected:
  // A request that waits: it has been asked twice whether there is news.
  void begin(Client& client) {
    const int before = self_.asked();
    ASSERT_TRUE(client.begin("GET", "/v1/events?after=100&wait=50"));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (self_.asked() < before + 2) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }

  RunningSelf self_;
};

TEST_F(SelfSocket, ARequestThatWaitsIsAnsweredWhenTheWorkloadIsToldSomething) {
  Client client(self_.path());
  begin(client);
  self_.tell({{"event", "denied"}});
  const Result<nlohmann::json> reply = client.finish();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ((*reply)["seq"], 101);
  EXPECT_EQ((*reply)["events"].size(), 1u);
}

TEST_F(SelfSocket, ARequestThatWaitsEndsWhenStaydStops) {
  Client client(self_.path());
  begin(client);
  self_.stop();
  const Result<nlohmann::json> reply = client.finish();
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("stayd is stopping"));
}

TEST_F(SelfSocket, WhoLeavesMakesRoomForAnotherThatWaits) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < SelfService::kMaxPollers; ++i) {
    clients.emplace_back(self_.path());
    begin(clients.back());
  }
  EXPECT_FALSE(Client(self_.path()).request("GET", "/v1/events?after=100&wait=50"));
  EXPECT_TRUE(Client(self_.path()).request("GET", "/v1/holds")) << "others are served";
  clients.front().cancel();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  bool waits = false;
  while (!waits && std::chrono::steady_clock::now() < deadline)
    waits = Client(self_.path()).request("GET", "/v1/events?after=100&wait=1").has_value();
  EXPECT_TRUE(waits);
}

}  // namespace
}  // namespace stayd
