// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <vector>

#include "ctl/client.h"
#include "running_server.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kLongPoll = "/v1/tickets?since=5&wait=30";

// Says exactly what it is told to, HTTP or not.
class RawClient {
 public:
  explicit RawClient(const std::string& path) {
    socket_.connect(boost::asio::local::stream_protocol::endpoint(path));
  }
  void say(const std::string& bytes) {
    boost::system::error_code ignored;  // turned away before everything was said
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  // Everything until the server hangs up.
  std::string hear_all() {
    std::string heard;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(heard), end);
    return heard;
  }
  // One reply, of which the body ends in a newline as all of ours do.
  std::string hear_reply() {
    std::string heard;
    boost::asio::read_until(socket_, boost::asio::dynamic_buffer(heard), "}\n");
    return heard;
  }

 private:
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket socket_{context_};
};

int revision_calls(RunningServer& server) {
  return server.on_desk([](FakeService& service, Server&) { return service.revision_calls; });
}

void change(RunningServer& server) {
  server.on_desk([](FakeService& service, Server& api) {
    ++service.current_revision;
    api.notify();
  });
}

TEST(Server, AnswersAndKnowsWhoAsks) {
  RunningServer server;
  auto status = Client(server.path()).request("GET", "/v1/status");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ((*status)["holding"], 3);
  Peer peer = server.on_desk([](FakeService& service, Server&) { return service.last_peer; });
  EXPECT_EQ(peer.pid, ::getpid());
  EXPECT_EQ(peer.uid, ::getuid());
}

TEST(Server, PassesADecisionOnWithItsDigest) {
  RunningServer server;
  auto ticket =
      Client(server.path())
          .request("POST", "/v1/tickets/2/decision", {{"choice", "approve"}, {"digest", "d1"}});
  ASSERT_TRUE(ticket) << ticket.error().message;
  EXPECT_EQ((*ticket)["outcome"], "approved");
  auto refused =
      Client(server.path())
          .request("POST", "/v1/tickets/2/decision", {{"choice", "approve"}, {"digest", "other"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the digest differs");
  auto digests = server.on_desk([](FakeService& service, Server&) {
    return std::vector{service.decisions.at(0).digest, service.decisions.at(1).digest};
  });
  EXPECT_EQ(digests, (std::vector<std::string>{"d1", "other"}));
}

TEST(Server, ALongPollThatIsBehindIsAnsweredAtOnce) {
  RunningServer server;
  auto list = Client(server.path()).request("GET", "/v1/tickets?since=4&wait=30");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ((*list)["revision"], 5);
}

TEST(Server, ALongPollEndsWithItsTime) {
  RunningServer server;
  auto list = Client(server.path()).request("GET", "/v1/tickets?since=5&wait=0");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ((*list)["revision"], 5);
}

TEST(Server, ALongPollSleepsThroughANotificationWithoutAChange) {
  RunningServer server;
  Client client(server.path());
  ASSERT_TRUE(client.begin("GET", kLongPoll));
  ASSERT_TRUE(eventually([&] { return revision_calls(server) == 1; }));
  server.on_desk([](FakeService&, Server& api) { api.notify(); });
  ASSERT_TRUE(eventually([&] { return revision_calls(server) == 2; }));
  change(server);
  auto list = client.finish();
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ((*list)["revision"], 6);
}

TEST(Server, OneChangeWakesEveryPoller) {
  RunningServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(server.path());
  for (Client& client : clients) ASSERT_TRUE(client.begin("GET", kLongPoll));
  ASSERT_TRUE(eventually([&] { return revision_calls(server) == 50; }));
  ASSERT_TRUE(Client(server.path()).request("GET", "/v1/status"));  // pollers block nobody
  change(server);
  for (Client& client : clients) {
    auto list = client.finish();
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ((*list)["revision"], 6);
  }
}

TEST(Server, APollerThatLeavesFreesItsPlace) {
  ServerLimits limits;
  limits.connections = 1;
  RunningServer server(limits);
  {
    Client leaving(server.path());
    ASSERT_TRUE(leaving.begin("GET", kLongPoll));
    ASSERT_TRUE(eventually([&] { return revision_calls(server) == 1; }));
    auto refused = Client(server.path()).request("GET", "/v1/status");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "too many connections");
  }
  EXPECT_TRUE(
      eventually([&] { return Client(server.path()).request("GET", "/v1/status").has_value(); }));
}

TEST(Server, RefusesWhomTheServiceDoesNotAdmit) {
  RunningServer server;
  server.on_desk([](FakeService& service, Server&) { service.admitted = false; });
  auto status = Client(server.path()).request("GET", "/v1/status");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "you belong to a workload");
  EXPECT_THAT(RawClient(server.path()).hear_all(), StartsWith("HTTP/1.1 403 Forbidden"));
}

TEST(Server, RefusesAConnectionWhosePeerIsNoLongerAdmitted) {
  RunningServer server;
  RawClient client(server.path());
  client.say("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.hear_reply(), StartsWith("HTTP/1.1 200 OK"));
  server.on_desk([](FakeService& service, Server&) { service.admitted = false; });
  client.say("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 403 Forbidden"));
}

TEST(Server, AnOversizedBodyIs413) {
  RunningServer server;
  RawClient client(server.path());
  client.say("POST /v1/workloads HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n" +
             std::string(65537, ' '));
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 413 Payload Too Large"));
  const nlohmann::json body = {{"cgroup", std::string(1 << 20, 'x')}};
  auto refused = Client(server.path()).request("DELETE", "/v1/workloads", body);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "body is larger than 65536 bytes");
}

TEST(Server, AnOversizedHeaderIs431) {
  RunningServer server;
  RawClient client(server.path());
  client.say("GET /v1/status HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 431"));
}

TEST(Server, WhatIsNotHttpIs400) {
  RunningServer server;
  RawClient client(server.path());
  client.say("\x01\x02 hello\r\n\r\n");
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 400 Bad Request"));
}

TEST(Server, BadJsonIs400AndTheServerGoesOn) {
  RunningServer server;
  RawClient client(server.path());
  client.say("POST /v1/workloads HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{");
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 400 Bad Request"));
  EXPECT_TRUE(Client(server.path()).request("GET", "/v1/status"));
}

TEST(Server, AnExceptionIs500AndTheServerGoesOn) {
  RunningServer server;
  server.on_desk([](FakeService& service, Server&) { service.broken = true; });
  auto failed = Client(server.path()).request("GET", "/v1/status");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("internal error"));
  server.on_desk([](FakeService& service, Server&) { service.broken = false; });
  EXPECT_TRUE(Client(server.path()).request("GET", "/v1/status"));
}

TEST(Server, AConnectionServesOneRequestAfterTheOther) {
  RunningServer server;
  RawClient client(server.path());
  for (int i = 0; i < 3; ++i) {
    client.say("GET /v1/tickets/2 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.hear_reply(), HasSubstr(R"({"id":2,"outcome":"open"})"));
  }
}

TEST(Server, ARequestThatDoesNotEndIsCutOff) {
  ServerLimits limits;
  limits.header = 20ms;
  RunningServer server(limits);
  RawClient silent(server.path());
  RawClient slow(server.path());
  slow.say("GET /v1/sta");
  EXPECT_EQ(silent.hear_all(), "");
  EXPECT_EQ(slow.hear_all(), "");
}

TEST(Server, ABodyHasNoMoreTimeThanItsHeader) {
  ServerLimits limits;
  limits.header = 20ms;
  RunningServer server(limits);
  RawClient client(server.path());
  const auto begun = std::chrono::steady_clock::now();
  client.say("POST /v1/workloads HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Server, AnIdleConnectionIsCutOff) {
  ServerLimits limits;
  limits.idle = 20ms;
  RunningServer server(limits);
  RawClient client(server.path());
  client.say("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, StoppingEndsPollersAndIdleConnections) {
  auto server = std::make_unique<RunningServer>();
  const std::string path = server->path();
  RawClient idle(path);
  Client poller(path);
  ASSERT_TRUE(poller.begin("GET", kLongPoll));
  ASSERT_TRUE(eventually([&] { return revision_calls(*server) == 1; }));
  server->stop();
  auto list = poller.finish();
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().message, "stayd is stopping");
  EXPECT_EQ(idle.hear_all(), "");
  EXPECT_FALSE(std::filesystem::exists(path));
  server.reset();  // joins the thread: nothing is left that runs
}

TEST(Server, MayBeDestroyedInTheMiddleOfEverything) {
  boost::asio::io_context context;
  test::TempDir directory;
  FakeService service;
  test::LocalPeers peers;
  auto server = Server::create(context.get_executor(), {directory / "s", "", {}}, service, peers);
  ASSERT_TRUE(server);
  Client poller(directory / "s");
  ASSERT_TRUE(poller.begin("GET", kLongPoll));
  while (service.revision_calls == 0) context.run_one_for(10s);
  server->reset();
  context.run();
  EXPECT_FALSE(poller.finish());
}

TEST(Client, SaysHowToReachADaemonThatIsNotThere) {
  auto status = Client("/nonexistent/stayd.sock").request("GET", "/v1/status");
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message,
              StartsWith("cannot reach stayd at /nonexistent/stayd.sock: No such file"));
  EXPECT_THAT(status.error().message, HasSubstr("try: systemctl status stayd"));
}

}  // namespace
}  // namespace stayd
