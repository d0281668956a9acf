// SPDX-License-Identifier: Apache-2.0
#include "http/client/client.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "unit/http/http_fixture.h"

namespace stayd::http {
namespace {

using ClientTest = HttpTest;

TEST_F(ClientTest, GetsAnAnswerOverTls) {
  std::string heard;
  std::string name;
  ScriptedServer server(
      [&](Peer& peer) {
        name = peer.server_name();
        heard = peer.hear_header();
        peer.say("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Y: z\r\n\r\nok");
      },
      authority().issue());
  auto from = client();
  Outgoing request;
  request.url = url(server.origin() + "/a?b=c");
  request.fields.set("X-Asked", "yes");
  const Result<Response> response = send(*from, std::move(request));
  ASSERT_TRUE(response) << failure(response);
  EXPECT_EQ(response->status, 201u);
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(response->fields["X-Y"], "z");
  EXPECT_EQ(name, "localhost");
  EXPECT_THAT(heard, StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(heard, HasSubstr("\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(heard, HasSubstr("\r\nX-Asked: yes\r\n"));
  EXPECT_THAT(heard, HasSubstr("\r\nUser-Agent: stayd\r\n"));
}

TEST_F(ClientTest, SendsABodyWithItsLength) {
  std::string heard;
  std::string body;
  ScriptedServer server(
      [&](Peer& peer) {
        heard = peer.hear_header();
        body = peer.hear(100'000);
        peer.say(kOk);
      },
      authority().issue());
  auto from = client();
  EXPECT_TRUE(post(*from, server.origin(), std::string(100'000, 'b')));
  EXPECT_THAT(heard, HasSubstr("\r\nContent-Length: 100000\r\n"));
  EXPECT_EQ(body, std::string(100'000, 'b'));
}

TEST_F(ClientTest, AnAddressNeedsACertificateForThatAddress) {
  const auto where = [](const ScriptedServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port());
  };
  ScriptedServer good(always(kOk), authority().issue({.names = "IP:127.0.0.1"}));
  ScriptedServer bad(always(kOk), authority().issue({.names = "DNS:127.0.0.1,IP:127.0.0.2"}));
  auto from = client();
  EXPECT_EQ(failure(get(*from, where(good))), "status 200");
  EXPECT_THAT(failure(get(*from, where(bad))), HasSubstr("IP address mismatch"));
}

TEST_F(ClientTest, ARedirectIsAnAnswerAndNotFollowed) {
  ScriptedServer other(always(kOk), authority().issue());
  ScriptedServer server(always("HTTP/1.1 302 Found\r\nLocation: " + other.origin() +
                               "/\r\nContent-Length: 0\r\n\r\n"),
                        authority().issue());
  auto from = client();
  Outgoing request;
  request.url = url(server.origin());
  request.fields.set(field::authorization, "Bearer s3cret");
  const Result<Response> response = send(*from, std::move(request));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302u);
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(ClientTest, AnswersWithoutABodyEndWithTheirHeader) {
  ScriptedServer server(
      [](Peer& peer) {
        peer.hear_header();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        peer.hear_header();
        peer.say("HTTP/1.1 204 No Content\r\n\r\n");
        peer.hear_header();
        peer.say("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
        peer.hear_all();
      },
      authority().issue());
  auto from = client();
  Outgoing request;
  request.method = verb::head;
  request.url = url(server.origin());
  EXPECT_EQ(failure(send(*from, request)), "status 200");
  EXPECT_EQ(failure(get(*from, server.origin())), "status 204");
  EXPECT_EQ(failure(get(*from, server.origin())), "status 304");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, WhatAServerSaysBeforeItsAnswerIsPassedOver) {
  ScriptedServer server(
      once("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
           "Link: </x>\r\n\r\n" +
           kOk));
  ScriptedServer endless([](Peer& peer) {
    peer.hear_header();
    for (int i = 0; i < 100; ++i) peer.say("HTTP/1.1 102 Processing\r\n\r\n");
    peer.hear_all();
  });
  ScriptedServer other(once("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"));
  auto from = client();
  EXPECT_EQ(failure(get(*from, server.origin())), "status 200");
  EXPECT_THAT(failure(get(*from, endless.origin())), HasSubstr("too many interim answers"));
  EXPECT_THAT(failure(get(*from, other.origin())), HasSubstr("status 101"));
}

TEST_F(ClientTest, AServerThatRefusesEarlyIsHeard) {
  ScriptedServer server([](Peer& peer) {
    peer.hear_header();
    peer.say("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.hear_all();
  });
  auto from = client();
  EXPECT_EQ(failure(post(*from, server.origin(), std::string(1 << 20, 'x'))), "status 413");
}

TEST_F(ClientTest, FieldsCannotSmuggleAnything) {
  ScriptedServer server(always(kOk));
  auto from = client();
  const auto with = [&](const char* name, const char* value) {
    Outgoing request;
    request.url = url(server.origin());
    request.fields.set(name, value);
    return failure(send(*from, std::move(request)));
  };
  EXPECT_THAT(with("X", "a\r\nY: b"), HasSubstr("not sent: field X"));
  EXPECT_THAT(with("X", "a\nb"), HasSubstr("not sent: field X"));
  EXPECT_THAT(with("X:", "a"), HasSubstr("not sent: a field's name"));
  EXPECT_THAT(with("Content-Length", "1"), HasSubstr("cannot be set"));
  EXPECT_THAT(with("transfer-encoding", "chunked"), HasSubstr("cannot be set"));
  EXPECT_THAT(with("Host", "other"), HasSubstr("cannot be set"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ClientTest, AuthorizationDoesNotLeaveTheMachineInPlainText) {
  auto from = client();
  Outgoing request;
  request.url = url("http://192.0.2.1/");
  request.fields.set(field::authorization, "Bearer s3cret");
  EXPECT_THAT(failure(send(*from, request)),
              AllOf(HasSubstr("use https"), Not(HasSubstr("s3cret"))));
  ScriptedServer server(always(kOk));
  request.url = url(server.origin());
  EXPECT_EQ(failure(send(*from, request)), "status 200");
}

TEST_F(ClientTest, ErrorsNameTheOriginAndNothingElseOfTheRequest) {
  ScriptedServer server([](Peer& peer) { peer.hear_header(); });
  auto from = client();
  Outgoing request;
  request.method = verb::post;
  request.url = url(server.origin() + "/s3cret?s3cret");
  request.fields.set(field::authorization, "Bearer s3cret");
  request.body = "s3cret";
  EXPECT_EQ(failure(send(*from, request)),
            server.origin() + ": no answer: it hung up without an answer");
}

TEST_F(ClientTest, TrustsWhatTheSystemTrusts) {
  ScriptedServer server(always(kOk), authority().issue());
  const auto outcome = [&] {
    return failure(get(**Client::create(context_.get_executor(), {}), server.origin()));
  };
  EXPECT_THAT(outcome(), HasSubstr("certificate not accepted"));
  ::setenv("SSL_CERT_FILE", ca_file_.c_str(), 1);
  EXPECT_EQ(outcome(), "status 200");
}

TEST_F(ClientTest, AStrangersCertificateFileIsAnError) {
  ClientOptions options;
  options.ca_file = write_file("bad.pem", "nonsense");
  auto made = Client::create(context_.get_executor(), options);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("bad.pem: "));
  options.ca_file = directory_ / "missing.pem";
  EXPECT_FALSE(Client::create(context_.get_executor(), options));
}

}  // namespace
}  // namespace stayd::http
