// SPDX-License-Identifier: Apache-2.0
#include "http/server/secure_server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "support/raw_client.h"
#include "support/sockets.h"
#include "unit/http/http_fixture.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;
using test::RawClient;

asio::awaitable<Reply> echo(Request request) {
  Reply reply;
  reply.content_type = "text/plain";
  reply.body = std::string(request.fields[field::authorization]) + "|" + request.target + "|" +
               request.body + "|" + request.peer;
  co_return reply;
}

class SecureServerTest : public HttpTest {
 protected:
  ~SecureServerTest() override { stop(); }

  SecureServerOptions options(ServerLimits limits = {}) {
    const auto own = authority().issue();
    SecureServerOptions made;
    made.address = "127.0.0.1";
    made.certificate =
        CertificateFiles{write_file("cert.pem", own.certificate), write_file("key.pem", own.key)};
    made.limits = limits;
    return made;
  }
  SecureServerOptions plain(ServerLimits limits = {}) {
    SecureServerOptions made;
    made.address = "127.0.0.1";
    made.plain_on_loopback = true;
    made.limits = limits;
    return made;
  }
  std::string refusal(SecureServerOptions made) {
    auto server = SecureServer::create(context_.get_executor(), std::move(made), echo);
    return server ? "none" : server.error().message;
  }

  // From here on the loop has a thread of its own, and with it the server.
  void serve(SecureServerOptions made, SecureServer::Handler handler = echo) {
    auto server =
        SecureServer::create(context_.get_executor(), std::move(made), std::move(handler));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread([this] { context_.run(); });
  }
  template <class Work>
  auto on_loop(Work work) {
    return asio::post(context_, std::packaged_task<decltype(work())()>(std::move(work))).get();
  }
  void stop() {
    if (!thread_.joinable()) return;
    asio::post(context_, [this] { server_->stop(); });
    thread_.join();
  }

  RawClient plain_client() { return RawClient(port_); }
  RawClient tls_client() { return RawClient(port_, ca_file_); }
  std::string exchange(const std::string& bytes) {
    RawClient client = plain_client();
    client.say(bytes);
    return client.hear_all();
  }

  std::unique_ptr<SecureServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

const std::string kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(SecureServerTest, AnswersOverTlsAndKnowsWhoAsks) {
  serve(options());
  RawClient client = tls_client();
  client.say(
      "POST /api HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Length: 4\r\n\r\nbody");
  const std::string reply = client.hear_reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("Bearer t|/api|body|127.0.0.1"));
}

TEST_F(SecureServerTest, ServesOurOwnClient) {
  serve(options());
  asio::io_context loop(1);
  auto from = *Client::create(loop.get_executor(), trusting());
  for (int i = 0; i < 3; ++i) {
    Outgoing request;
    request.method = verb::post;
    request.url = url("https://localhost:" + std::to_string(port_) + "/api");
    request.body = std::string(100'000, 'b');
    const auto response = test::run(loop, from->send(std::move(request)));
    ASSERT_TRUE(response) << failure(response);
    EXPECT_EQ(response->body, "|/api|" + std::string(100'000, 'b') + "|127.0.0.1");
  }
}

TEST_F(SecureServerTest, RequestsOnOneConnectionAreAnsweredInTurn) {
  serve(options());
  RawClient client = tls_client();
  client.say("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.hear_reply(), HasSubstr("|/1|"));
  EXPECT_THAT(client.hear_reply(), HasSubstr("|/2|"));
  client.say("GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.hear_all(), AllOf(HasSubstr("|/3|"), HasSubstr("Connection: close\r\n")));
}

TEST_F(SecureServerTest, AHeadRequestGetsTheHeaderOnly) {
  serve(plain());
  const std::string reply = exchange("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Content-Length: 13\r\n"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
}

TEST_F(SecureServerTest, AClientThatWantsToBeToldToContinueIs) {
  serve(options());
  RawClient client = tls_client();
  client.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.hear_header(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("body");
  EXPECT_THAT(client.hear_reply(), HasSubstr("|/|body|"));
}

TEST_F(SecureServerTest, AnExceptionIs500AndEndsOnlyItsOwnConnection) {
  serve(plain(), [](Request request) -> asio::awaitable<Reply> {
    if (request.target == "/bad") throw std::runtime_error("bad");
    return echo(std::move(request));
  });
  EXPECT_THAT(exchange("GET /bad HTTP/1.1\r\nHost: h\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("Connection: close\r\n"),
                    testing::EndsWith("{\"error\":\"internal error; see the log of stayd\"}\n")));
  RawClient client = plain_client();
  client.say(kGet);
  EXPECT_THAT(client.hear_reply(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(SecureServerTest, WhatCouldBeReadInTwoWaysIsRefusedAndEndsTheConnection) {
  serve(plain());
  const std::string next = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const char* head :
       {"Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Host: h\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Host: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Host: h\r\nHost: other\r\n\r\n", "\r\n",
        "Host: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
        "Host: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n"}) {
    const std::string reply = exchange(std::string("POST / HTTP/1.1\r\n") + head + next);
    EXPECT_THAT(reply, AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("Connection: close\r\n"),
                             Not(HasSubstr("smuggled"))))
        << head;
  }
}

TEST_F(SecureServerTest, WhatIsTooLargeIsRefusedBeforeItIsThere) {
  serve(options({.request = {1024, 4096}}));
  RawClient header = tls_client();
  header.say("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x'));  // and no end
  EXPECT_THAT(header.hear_all(), StartsWith("HTTP/1.1 431 "));
  RawClient body = tls_client();
  body.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4097\r\n\r\n");  // and nothing of it
  EXPECT_THAT(body.hear_all(), StartsWith("HTTP/1.1 413 "));
  RawClient chunk = tls_client();
  chunk.say("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n");
  EXPECT_THAT(chunk.hear_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(SecureServerTest, AClientThatTalksOnHearsItsRefusalAllTheSame) {
  serve(options({.request = {1024, 4096}}));
  RawClient client = tls_client();
  client.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" +
             std::string(500'000, 'x'));
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(SecureServerTest, AClientThatTalksOnForeverIsCutOff) {
  ServerLimits limits;
  limits.connections = 1;
  serve(options(limits));
  RawClient client = tls_client();
  client.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  while (!client.has_ended(0ms)) client.say(std::string(100'000, 'x'));
  EXPECT_TRUE(test::eventually([&] {  // until it has given its place back
    return RawClient::handshakes(port_, ca_file_, TLS1_3_VERSION);
  }));
}

TEST_F(SecureServerTest, WhoeverTakesTooLongIsCutOffWhateverItIsDoing) {
  ServerLimits limits;
  limits.handshake = limits.header = limits.idle = 60ms;
  limits.body = 60ms;
  serve(options(limits));
  EXPECT_EQ(plain_client().hear_all(), "");  // no handshake
  EXPECT_EQ(tls_client().hear_all(), "");    // no request
  RawClient idle = tls_client();
  idle.say(kGet);
  idle.hear_reply();
  EXPECT_EQ(idle.hear_all(), "");
  for (const char* begin : {"GET / HTTP/1.1\r\nHost: h\r\nX: ",
                            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"}) {
    RawClient slow = tls_client();
    slow.say(begin);
    const std::int64_t begun = test::now_ns();
    while (!slow.has_ended(10ms)) slow.say("x");  // a byte now and then keeps nothing alive
    EXPECT_LT(test::since_ns(begun), 10s) << begin;
  }
}

TEST_F(SecureServerTest, AClientThatTakesNoAnswerIsCutOff) {
  ServerLimits limits;
  limits.reply = 60ms;
  limits.connections = 1;
  serve(plain(limits), [](Request request) -> asio::awaitable<Reply> {
    Reply reply;
    if (request.target == "/x") reply.body.assign(32 << 20, 'x');
    co_return reply;
  });
  RawClient client = plain_client();
  client.say(kGet);
  EXPECT_TRUE(test::eventually([&] {  // until it has given its place back
    return exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") != "";
  }));
}

TEST_F(SecureServerTest, OnePeerGetsSoManyConnectionsAndNoMore) {
  serve(plain({.connections_per_peer = 2}));
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(plain_client());
    clients.back().say(kGet);
    EXPECT_THAT(clients.back().hear_reply(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_EQ(exchange(kGet), "");
  RawClient other(port_, "", "127.0.0.2");
  other.say(kGet);
  EXPECT_THAT(other.hear_reply(), StartsWith("HTTP/1.1 200 "));
  clients.pop_back();
  EXPECT_TRUE(test::eventually(
      [&] { return !exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").empty(); }));
}

TEST_F(SecureServerTest, AllPeersTogetherGetSoManyConnectionsAndNoMore) {
  serve(plain({.connections = 2}));
  RawClient one(port_, "", "127.0.0.2");
  RawClient two(port_, "", "127.0.0.3");
  one.say(kGet);
  two.say(kGet);
  EXPECT_THAT(one.hear_reply(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(two.hear_reply(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(exchange(kGet), "");
}

TEST_F(SecureServerTest, OldVersionsOfTlsAreRefused) {
  serve(options());
  EXPECT_FALSE(RawClient::handshakes(port_, ca_file_, TLS1_1_VERSION));
  EXPECT_TRUE(RawClient::handshakes(port_, ca_file_, TLS1_2_VERSION));
  EXPECT_TRUE(RawClient::handshakes(port_, ca_file_, TLS1_3_VERSION));
}

TEST_F(SecureServerTest, PlainHttpIsForLoopbackAndHasToBeAskedFor) {
  SecureServerOptions made = plain();
  EXPECT_EQ(refusal(made), "none");
  made.plain_on_loopback = false;
  EXPECT_THAT(refusal(made), HasSubstr("no certificate"));
  made = plain();
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "::ffff:0.0.0.0"}) {
    made.address = address;
    EXPECT_THAT(refusal(made), HasSubstr("only a loopback address")) << address;
  }
  made.address = "localhost";
  EXPECT_THAT(refusal(made), HasSubstr("not an IP address"));
}

TEST_F(SecureServerTest, AKeyThatDoesNotFitOrThatOthersMayReadIsRefused) {
  SecureServerOptions made = options();
  write_file("key.pem", authority().issue().key);
  EXPECT_THAT(refusal(made), HasSubstr("key.pem: key values mismatch"));
  made = options();
  ::chmod(made.certificate->key.c_str(), 0644);
  EXPECT_THAT(refusal(made), HasSubstr("key.pem: others than its owner"));
  made = options();
  write_file("key.pem", "nonsense");
  EXPECT_THAT(refusal(made), HasSubstr("key.pem: "));
  made.certificate->certificate = directory_ / "missing.pem";
  EXPECT_THAT(refusal(made), HasSubstr("missing.pem: No such file"));
}

TEST_F(SecureServerTest, APortInUseIsAnError) {
  test::TcpListener taken;
  SecureServerOptions made = plain();
  made.port = taken.port();
  EXPECT_EQ(refusal(made),
            "listen on 127.0.0.1:" + std::to_string(taken.port()) + ": Address already in use");
}

TEST_F(SecureServerTest, ARenewedCertificateCountsForTheNextClient) {
  serve(options());
  RawClient before = tls_client();
  const std::string first = before.certificate();
  const auto renewed = authority().issue();
  write_file("cert.pem", renewed.certificate);  // in the middle of the renewal
  EXPECT_EQ(tls_client().certificate(), first);
  write_file("key.pem", renewed.key);
  EXPECT_NE(tls_client().certificate(), first);
  before.say(kGet);  // connections of before go on
  EXPECT_THAT(before.hear_reply(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(SecureServerTest, ABadCertificateIsReportedAndNotUsed) {
  serve(options());
  const std::string first = tls_client().certificate();
  write_file("cert.pem", "nonsense");
  const Result<> reloaded = on_loop([this] { return server_->reload(); });
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, HasSubstr("cert.pem: "));
  EXPECT_EQ(tls_client().certificate(), first);
}

TEST_F(SecureServerTest, StoppingEndsIdleConnectionsAndLetsARepliesBeSent) {
  auto timer = std::make_shared<asio::steady_timer>(context_);
  std::atomic<bool> asked{false};
  serve(plain(), [timer, &asked](Request request) -> asio::awaitable<Reply> {
    timer->expires_at(asio::steady_timer::time_point::max());
    asked = true;
    boost::system::error_code ignored;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return co_await echo(std::move(request));
  });
  RawClient idle = plain_client();
  RawClient busy = plain_client();
  busy.say(kGet);
  EXPECT_TRUE(test::eventually([&] { return asked.load(); }));
  asio::post(context_, [this] { server_->stop(); });
  EXPECT_EQ(idle.hear_all(), "");
  asio::post(context_, [timer] { timer->cancel(); });
  EXPECT_THAT(busy.hear_all(), AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("|/x|")));
  EXPECT_THROW(plain_client(), std::exception);
}

TEST_F(SecureServerTest, MayBeDestroyedInTheMiddleOfEverything) {
  auto server = *SecureServer::create(context_.get_executor(), options(), echo);
  port_ = server->port();
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(plain_client());
  clients[1].say("\x16\x03\x01");
  context_.run_for(20ms);
  server.reset();
  context_.run();
  for (RawClient& client : clients) EXPECT_EQ(client.hear_all(), "");
}

}  // namespace
}  // namespace stayd::http
