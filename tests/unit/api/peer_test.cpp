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

}  // namespace
}  // namespace stayd
