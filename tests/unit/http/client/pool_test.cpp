// SPDX-License-Identifier: Apache-2.0
//
// The client's connections: kept, used again, bounded, and safe to lose.
#include <atomic>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <vector>

#include "support/sockets.h"
#include "unit/http/http_fixture.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;

class PoolTest : public HttpTest {
 protected:
  // Requests under way, and what came of them in the order in which they ended.
  void begin(Client& from, std::string_view where) {
    Outgoing request;
    request.url = url(where);
    auto note = [this](std::exception_ptr thrown, Result<Response> response) {
      ended_.push_back(thrown ? "exception" : failure(response));
    };
    asio::co_spawn(context_, from.send(std::move(request)), std::move(note));
  }
  bool all_ended(std::size_t count) {
    return test::run_until(context_, [&] { return ended_.size() == count; });
  }

  std::vector<std::string> ended_;
};

TEST_F(PoolTest, RequestsOneAfterTheOtherUseOneConnection) {
  ScriptedServer server(always(kOk), authority().issue());
  auto from = client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_EQ(failure(post(*from, server.origin())), "status 200");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(PoolTest, EachOriginHasItsOwnConnections) {
  ScriptedServer one(always(kOk));
  ScriptedServer other(always(kOk));
  auto from = client();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(failure(get(*from, one.origin())), "status 200");
    EXPECT_EQ(failure(get(*from, other.origin())), "status 200");
  }
  EXPECT_EQ(one.connections(), 1);
  EXPECT_EQ(other.connections(), 1);
}

TEST_F(PoolTest, AConnectionIsNotUsedAgainAfterAnAnswerThatSaysSo) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                             "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"}) {
    ScriptedServer server(always(answer));
    auto from = client();
    EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
    EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
    EXPECT_EQ(server.connections(), 2) << answer;
  }
}

TEST_F(PoolTest, AConnectionThatEndedWhileItWasIdleIsNotUsed) {
  std::promise<void> ended;
  std::atomic<int> count{0};
  ScriptedServer server(
      [&](Peer& peer) {
        while (!peer.hear_header().empty()) {
          peer.say(kOk);
          if (count++ > 0) continue;
          peer.stop_talking();
          ended.set_value();
        }
      },
      authority().issue());
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  ended.get_future().wait();
  // Not even for what may not be repeated.
  EXPECT_EQ(failure(post(*from, server.origin())), "status 200");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(PoolTest, WhatComesUnaskedOnAnIdleConnectionIsNobodysAnswer) {
  std::promise<void> said;
  std::atomic<int> count{0};
  ScriptedServer server([&](Peer& peer) {
    const bool first = count++ == 0;
    while (!peer.hear_header().empty()) {
      peer.say(kOk);
      if (!first) continue;
      peer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
      said.set_value();
      peer.hear_all();
    }
  });
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  said.get_future().wait();
  const Result<Response> second = get(*from, server.origin());
  ASSERT_TRUE(second) << failure(second);
  EXPECT_EQ(second->body, "ok");
}

// Answers the first request of the first connection, and then hangs up on the next request.
class StaleServer {
 public:
  explicit StaleServer(const char* before_the_end = "")
      : server_([this, before_the_end](Peer& peer) {
          if (count_++ > 0) return always(kOk)(peer);
          peer.hear_header();
          peer.say(kOk);
          peer.hear_header();
          peer.say(before_the_end);
        }) {}
  std::string origin() const { return server_.origin(); }
  int connections() const { return server_.connections(); }

 private:
  std::atomic<int> count_{0};
  ScriptedServer server_;
};

TEST_F(PoolTest, ARequestThatMayBeRepeatedIsSentAgainWhenAKeptConnectionFails) {
  StaleServer server;
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(PoolTest, ARequestThatMayNotBeRepeatedIsNot) {
  StaleServer server;
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_THAT(failure(post(*from, server.origin())), HasSubstr("no answer: it hung up"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(PoolTest, ARequestThatSaysItMayBeRepeatedIs) {
  StaleServer server;
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  Outgoing request;
  request.method = verb::post;
  request.url = url(server.origin());
  request.repeatable = true;
  EXPECT_EQ(failure(send(*from, request)), "status 200");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(PoolTest, ARequestIsNotSentAgainOnceAnAnswerHasBegun) {
  StaleServer server("HTTP/1.1 200 OK\r\nContent-Le");
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_THAT(failure(get(*from, server.origin())), HasSubstr("no answer: "));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(PoolTest, ARequestIsNotSentAgainWhenANewConnectionFails) {
  ScriptedServer server([](Peer& peer) { peer.hear_header(); });
  auto from = client();
  EXPECT_THAT(failure(get(*from, server.origin())), HasSubstr("no answer: "));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(PoolTest, IdleConnectionsAreClosedAfterAWhile) {
  std::promise<void> closed;
  ScriptedServer server([&](Peer& peer) {
    peer.hear_header();
    peer.say(kOk);
    if (peer.hear_all().empty()) closed.set_value();
  });
  ClientOptions options;
  options.pool.idle_time = 30ms;
  auto from = client(options);
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  auto done = closed.get_future();
  EXPECT_TRUE(
      test::run_until(context_, [&] { return done.wait_for(0s) == std::future_status::ready; }));
}

TEST_F(PoolTest, OnlySoManyIdleConnectionsAreKept) {
  ScriptedServer one(always(kOk));
  ScriptedServer other(always(kOk));
  ClientOptions options;
  options.pool.idle = 1;
  auto from = client(options);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(failure(get(*from, one.origin())), "status 200");
    EXPECT_EQ(failure(get(*from, other.origin())), "status 200");
  }
  EXPECT_EQ(one.connections(), 2);
  EXPECT_EQ(other.connections(), 2);
}

TEST_F(PoolTest, FurtherRequestsWaitForTheirTurn) {
  std::promise<void> go;
  const std::shared_future<void> going = go.get_future().share();
  std::atomic<int> asked{0};
  ScriptedServer server([&](Peer& peer) {
    while (!peer.hear_header().empty()) {
      ++asked;
      going.wait();
      peer.say(kOk);
    }
  });
  ScriptedServer other(always(kOk));
  ClientOptions options;
  options.pool.busy_per_origin = 2;
  auto from = client(options);
  for (int i = 0; i < 6; ++i) begin(*from, server.origin());
  EXPECT_TRUE(test::run_until(context_, [&] { return asked == 2; }));
  EXPECT_EQ(failure(get(*from, other.origin())), "status 200");  // others need not wait
  EXPECT_EQ(asked, 2);
  go.set_value();
  EXPECT_TRUE(all_ended(6));
  EXPECT_EQ(ended_, std::vector<std::string>(6, "status 200"));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(PoolTest, ARequestWaitsForItsTurnUntilItsDeadlineOnly) {
  ScriptedServer server([](Peer& peer) { peer.hear_all(); });
  ClientOptions options;
  options.pool.busy = 1;
  auto from = client(options);
  begin(*from, server.origin());
  Outgoing request;
  request.url = url(server.origin());
  request.limit = 50ms;
  EXPECT_THAT(failure(send(*from, request)), HasSubstr("not sent: too many requests wait"));
}

class Lifetimes : public PoolTest {};

TEST_F(Lifetimes, DestroyingTheClientEndsEveryRequestWhateverItWaitsFor) {
  std::atomic<int> asked{0};
  ScriptedServer silent([&](Peer& peer) {
    peer.hear_header();
    ++asked;
    peer.hear_all();
  });
  ScriptedServer no_tls([](Peer& peer) { peer.hear_all(); });
  test::SlowListener unconnected;
  ClientOptions options;
  options.pool.busy_per_origin = 1;
  auto from = client(options);
  begin(*from, silent.origin());                                           // for an answer
  begin(*from, silent.origin());                                           // for its turn
  begin(*from, "https://localhost:" + std::to_string(no_tls.port()));      // for TLS
  begin(*from, "http://127.0.0.1:" + std::to_string(unconnected.port()));  // for TCP
  begin(*from, "https://does-not-exist.invalid/");                         // for an address
  EXPECT_TRUE(test::run_until(context_, [&] { return asked == 1 && no_tls.connections() == 1; }));
  from.reset();
  EXPECT_TRUE(all_ended(5));
  std::size_t stopped = 0;
  for (const std::string& outcome : ended_) {
    EXPECT_THAT(outcome, testing::AnyOf(HasSubstr("the client was stopped"), HasSubstr("resolve")));
    stopped += outcome.ends_with("the client was stopped");
  }
  EXPECT_GE(stopped, 4u);
}

TEST_F(Lifetimes, AStoppedClientSendsNothing) {
  ScriptedServer server(always(kOk));
  auto from = client();
  from->stop();
  EXPECT_THAT(failure(get(*from, server.origin())), HasSubstr("not sent: the client was stopped"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Lifetimes, TheLoopMayGoWithRequestsUnderWay) {
  std::atomic<int> asked{0};
  ScriptedServer silent(
      [&](Peer& peer) {
        peer.hear_header();
        ++asked;
        peer.hear_all();
      },
      authority().issue());
  auto loop = std::make_unique<asio::io_context>(1);
  auto from = *Client::create(loop->get_executor(), trusting());
  for (int i = 0; i < 3; ++i) {
    Outgoing request;
    request.url = url(silent.origin());
    auto ignore = [](std::exception_ptr, const Result<Response>&) {};
    asio::co_spawn(*loop, from->send(request), ignore);
  }
  EXPECT_TRUE(test::run_until(*loop, [&] { return asked == 3; }));
  from.reset();
  loop.reset();
}

asio::awaitable<int> send_or_give_up(Client& from, Outgoing request,
                                     std::chrono::milliseconds limit) {
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  auto sending = from.send(std::move(request));
  auto waiting = timer.async_wait(asio::use_awaitable);
  const auto winner = co_await (std::move(sending) || std::move(waiting));
  co_return static_cast<int>(winner.index());
}

TEST_F(Lifetimes, ARequestThatIsCancelledGivesItsPlaceBack) {
  std::atomic<bool> answering{false};
  ScriptedServer server(
      [&](Peer& peer) {
        while (!peer.hear_header().empty())
          if (answering) peer.say(kOk);
      },
      authority().issue());
  ClientOptions options;
  options.pool.busy = 1;
  auto from = client(options);
  Outgoing request;
  request.url = url(server.origin());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(test::run(context_, send_or_give_up(*from, request, 30ms)), 1);
  begin(*from, server.origin());  // has the only place, so that the next one waits for it
  EXPECT_EQ(test::run(context_, send_or_give_up(*from, request, 30ms)), 1);
  answering = true;
  from.reset();
  EXPECT_TRUE(all_ended(1));
  from = client(options);
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
}

}  // namespace
}  // namespace stayd::http
