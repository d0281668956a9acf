// SPDX-License-Identifier: Apache-2.0
// Who a server takes its clients for.
#include "api/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "api/self_service.h"
#include "base/fd.h"
#include "ctl/client.h"
#include "running_server.h"

namespace stayd {
namespace {

using boost::beast::http::verb;
using testing::HasSubstr;

// Says of every connection what a test has put in.
class ScriptedPeers final : public PeerRecords {
 public:
  Result<> watch(int socket) override {
    watched = socket;
    if (broken) return Error{"no memory"};
    return {};
  }
  Result<Peer> peer_of(int) override { return answer; }

  Result<Peer> answer = Error{"nobody saw you; connect again"};
  int watched = -1;
  bool broken = false;
};

TEST(PeerRecords, AConnectionWithoutARecordIsRefusedAndToldWhatToDo) {
  ScriptedPeers peers;
  RunningServer server({}, &peers);
  const auto reply = Client(server.path()).request("GET", "/v1/status");
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("nobody saw you; connect again"));
}

TEST(PeerRecords, TheBackendIsAskedAboutTheRecordedPeer) {
  ScriptedPeers peers;
  Peer known;
  known.pid = 4711;
  known.workload = WorkloadId{3, 9};
  known.login_uid = 1000;
  peers.answer = known;
  RunningServer server({}, &peers);
  ASSERT_TRUE(Client(server.path()).request("GET", "/v1/status"));
  server.on_desk([](FakeService& service, Server&) {
    EXPECT_EQ(service.last_peer.pid, 4711);
    EXPECT_EQ(service.last_peer.workload, (WorkloadId{3, 9}));
    EXPECT_EQ(service.last_peer.login_uid, 1000u);
    return 0;
  });
}

TEST(PeerRecords, AServerWhoseSocketCannotBeWatchedDoesNotStart) {
  boost::asio::io_context context;
  test::TempDir directory;
  FakeService service;
  ScriptedPeers peers;
  peers.broken = true;
  const auto server = Server::create(context.get_executor(),
                                     {.socket_path = directory / "s", .group = ""}, service, peers);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("no memory"));
  EXPECT_FALSE(std::filesystem::exists(directory / "s"));
}

TEST(PeerRecords, CredentialsAloneNameNoWorkloadAndNoLogin) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd one(ends[0]), other(ends[1]);
  const Result<Peer> peer = credentials_of(one.get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_EQ(peer->uid, ::getuid());
  EXPECT_FALSE(peer->workload);
  EXPECT_FALSE(peer->login_uid);
  EXPECT_FALSE(credentials_of(-1));
}

// Knows one workload.
class OneWorkload final : public SelfKnowledge {
 public:
  std::optional<WorkloadId> workload_of(const Peer& peer) override {
    return peer.workload == live ? peer.workload : std::nullopt;
  }
  nlohmann::json holds(WorkloadId workload) override { return {workload.slot}; }
  nlohmann::json denials(WorkloadId) override { return nlohmann::json::array(); }
  void ask_ahead(WorkloadId, const Peer&, AheadRequest request,
                 std::shared_ptr<AheadReply> reply) override {
    asked = std::move(request);
    replies.push_back(std::move(reply));
  }
  std::optional<nlohmann::json> request(WorkloadId workload, TicketId number) override {
    if (workload != live || number != 17) return std::nullopt;
    return nlohmann::json{{"request", 17}};
  }
  void declare_intent(WorkloadId workload, const Peer&, const std::string&) override {
    declared = workload;
  }

  std::optional<WorkloadId> live = WorkloadId{3, 9};
  std::optional<WorkloadId> declared;
  std::optional<AheadRequest> asked;
  std::vector<std::shared_ptr<AheadReply>> replies;
};

Peer of_the_workload() {
  Peer peer;
  peer.workload = WorkloadId{3, 9};
  return peer;
}
constexpr const char* kAsk = R"({"operation": "open", "object": "/srv/x", "reason": "to look"})";

TEST(SelfService, AnswersTheWorkloadThatThePeerWasRecordedWith) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  Peer peer;
  peer.workload = WorkloadId{3, 9};
  EXPECT_TRUE(service.admit(peer));
  const Routed routed = service.route({verb::get, "/v1/holds", "", peer});
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->perform().body, (nlohmann::json{{"holds", {3}}}));
}

TEST(SelfService, ARequestInAdvanceIsAnsweredWhenItHasBeenLookedUp) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  const Peer peer = of_the_workload();
  const Routed routed = service.route({verb::post, "/v1/requests", kAsk, peer});
  ASSERT_TRUE(routed);
  EXPECT_EQ(knowledge.asked->wanted.path, "/srv/x");
  EXPECT_EQ(knowledge.asked->reason, "to look");
  EXPECT_FALSE(routed->wait->over());
  knowledge.replies.at(0)->body = {{"state", "open"}};
  EXPECT_TRUE(routed->wait->over());
  EXPECT_EQ(routed->perform().body["state"], "open");
  EXPECT_FALSE(knowledge.replies[0]->given_up);
}

TEST(SelfService, NothingComesOfARequestThatTookTooLong) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  const Peer peer = of_the_workload();
  const Routed routed = service.route({verb::post, "/v1/requests", kAsk, peer});
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->perform().status, 503u);
  EXPECT_TRUE(knowledge.replies.at(0)->given_up);
}

TEST(SelfService, ARequestThatMakesNoSenseIsRefusedBeforeAnythingIsLookedUp) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  const Peer peer = of_the_workload();
  const Routed routed =
      service.route({verb::post, "/v1/requests", R"({"operation": "open"})", peer});
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().status, 400u);
  EXPECT_EQ(routed.error().body["error"], "\"object\" is missing");
  EXPECT_FALSE(knowledge.asked);
}

TEST(SelfService, TellsTheStateOfAWorkloadsOwnRequestsOnly) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  const Peer peer = of_the_workload();
  const auto get = [&](std::string_view target) {
    const Routed routed = service.route({verb::get, target, "", peer});
    return routed ? routed->perform() : routed.error();
  };
  EXPECT_EQ(get("/v1/requests/17").body["request"], 17);
  EXPECT_EQ(get("/v1/requests/18").status, 404u);
  EXPECT_EQ(get("/v1/requests/x").status, 400u);
}

TEST(SelfService, RequestsCountAgainstTheWorkloadsLimit) {
  OneWorkload knowledge;
  SelfService service(knowledge, [] { return RateLimiter::Time{} + std::chrono::hours(1); });
  const Peer peer = of_the_workload();
  for (int i = 0; i < static_cast<int>(SelfService::kBurst); ++i)
    ASSERT_TRUE(service.route({verb::post, "/v1/requests", kAsk, peer}));
  const Routed routed = service.route({verb::post, "/v1/requests", kAsk, peer});
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().status, 429u);
}

TEST(SelfService, RefusesPeersOfNoWorkloadAndOfOneThatWasReleased) {
  OneWorkload knowledge;
  SelfService service(knowledge);
  Peer outsider, former;
  former.workload = WorkloadId{3, 8};
  for (const Peer& peer : {outsider, former}) {
    EXPECT_FALSE(service.admit(peer));
    const Routed routed = service.route({verb::get, "/v1/holds", "", peer});
    ASSERT_FALSE(routed);
    EXPECT_EQ(routed.error().status, 403u);
  }
}

}  // namespace
}  // namespace stayd
