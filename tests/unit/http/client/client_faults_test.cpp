// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong between a client and a server, and how it ends.
#include <openssl/ssl.h>

#include "support/sockets.h"
#include "unit/http/http_fixture.h"

namespace stayd::http {
namespace {

class ClientFaults : public HttpTest {
 protected:
  // What a GET of a server with this script comes to.
  std::string outcome(ScriptedServer::Script script, ClientOptions options = {}) {
    ScriptedServer server(std::move(script), authority().issue());
    return failure(get(*client(std::move(options)), server.origin()));
  }
  std::string outcome_of(const test::CertificateOptions& certificate) {
    ScriptedServer server(always(kOk), authority().issue(certificate));
    return failure(get(*client(), server.origin()));
  }
  static ClientOptions impatient() {
    ClientOptions options;
    options.request_limit = 150ms;
    return options;
  }
};

TEST_F(ClientFaults, ACertificateForAnotherNameIsRefused) {
  EXPECT_THAT(outcome_of({.names = "DNS:other.example"}), HasSubstr("hostname mismatch"));
  EXPECT_THAT(outcome_of({.names = "DNS:localhost.example"}), HasSubstr("hostname mismatch"));
  EXPECT_THAT(outcome_of({.names = "DNS:l*host"}), HasSubstr("hostname mismatch"));
  EXPECT_THAT(outcome_of({.names = "IP:127.0.0.1"}), HasSubstr("hostname mismatch"));
  EXPECT_EQ(outcome_of({.names = "DNS:localhost"}), "status 200");
}

TEST_F(ClientFaults, ACertificateOutsideItsTimeIsRefused) {
  EXPECT_THAT(outcome_of({.begins = -2h, .ends = -1h}), HasSubstr("certificate has expired"));
  EXPECT_THAT(outcome_of({.begins = 1h, .ends = 2h}), HasSubstr("not yet valid"));
}

TEST_F(ClientFaults, ACertificateOfAnUnknownAuthorityIsRefused) {
  const test::CertificateAuthority unknown("unknown authority");
  ScriptedServer server(always(kOk), unknown.issue());
  EXPECT_THAT(failure(get(*client(), server.origin())),
              AllOf(HasSubstr("not sent: TLS: certificate not accepted"), HasSubstr("issuer")));
}

TEST_F(ClientFaults, OldVersionsOfTlsAreRefusedAndNewOnesWork) {
  const auto outcome_with = [&](int version) {
    ScriptedServer server(always(kOk), authority().issue());
    server.speak_only(version, version);
    return failure(get(*client(), server.origin()));
  };
  EXPECT_THAT(outcome_with(TLS1_1_VERSION), HasSubstr("not sent: TLS: "));
  EXPECT_EQ(outcome_with(TLS1_2_VERSION), "status 200");
  EXPECT_EQ(outcome_with(TLS1_3_VERSION), "status 200");
}

TEST_F(ClientFaults, AServerThatSpeaksNoTlsIsRefused) {
  ScriptedServer server([](Peer& peer) {
    peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.hear_all();
  });
  const std::string where = "https://localhost:" + std::to_string(server.port());
  EXPECT_THAT(failure(get(*client(), where)), HasSubstr("TLS: "));
}

TEST_F(ClientFaults, NobodyListening) {
  std::uint16_t port = 0;
  { port = test::TcpListener().port(); }
  EXPECT_THAT(failure(get(*client(), "https://127.0.0.1:" + std::to_string(port))),
              HasSubstr("not sent: connect: Connection refused"));
}

TEST_F(ClientFaults, ANameThatDoesNotExist) {
  ClientOptions options;
  options.connect_limit = 5s;
  EXPECT_THAT(failure(get(*client(options), "https://does-not-exist.invalid/")),
              HasSubstr("not sent: resolve does-not-exist.invalid: "));
}

TEST_F(ClientFaults, AConnectionThatIsNotMadeInTime) {
  test::SlowListener listener;
  ClientOptions options;
  options.connect_limit = 100ms;
  EXPECT_THAT(
      failure(get(*client(options), "https://127.0.0.1:" + std::to_string(listener.port()))),
      HasSubstr("not sent: connect: not over in time"));
}

TEST_F(ClientFaults, AHandshakeThatDoesNotEnd) {
  ScriptedServer silent([](Peer& peer) { peer.hear_all(); });
  ClientOptions options;
  options.tls_limit = 100ms;
  EXPECT_THAT(failure(get(*client(options), "https://localhost:" + std::to_string(silent.port()))),
              HasSubstr("not sent: TLS: not over in time"));
}

TEST_F(ClientFaults, NoAnswerInTime) {
  EXPECT_THAT(outcome([](Peer& peer) { peer.hear_all(); }, impatient()),
              HasSubstr("no answer: not over in time"));
}

TEST_F(ClientFaults, AnAnswerThatTricklesIsNotWaitedForLonger) {
  for (const char* begin :
       {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n"}) {
    const std::string result = outcome(
        [begin](Peer& peer) {
          peer.hear_header();
          peer.say(begin);
          while (!test::readable(peer.socket().native_handle(), 10ms)) peer.say("x");
        },
        impatient());
    EXPECT_THAT(result, HasSubstr("no answer: not over in time")) << begin;
  }
}

TEST_F(ClientFaults, ARequestThatNobodyTakesIsNotWaitedForLonger) {
  ScriptedServer deaf([](Peer& peer) { peer.wait_for_end(); });
  auto from = client(impatient());
  EXPECT_THAT(failure(post(*from, deaf.origin(), std::string(32 << 20, 'x'))),
              HasSubstr("no answer: not over in time"));
}

TEST_F(ClientFaults, AnEndInTheMiddle) {
  for (const char* part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    const std::string clean = outcome([part](Peer& peer) {
      peer.hear_header();
      peer.say(part);
      peer.hang_up();
    });
    EXPECT_THAT(clean, HasSubstr("no answer: ")) << part;
    const std::string abrupt = outcome([part](Peer& peer) {
      peer.hear_header();
      peer.say(part);
      peer.stop_talking();
      peer.hear_all();
    });
    EXPECT_THAT(abrupt, HasSubstr("no answer: ")) << part;
  }
}

TEST_F(ClientFaults, AResetInTheMiddle) {
  EXPECT_THAT(outcome([](Peer& peer) {
                peer.hear_header();
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                peer.reset_at_end();
              }),
              HasSubstr("no answer: "));
}

TEST_F(ClientFaults, ABodyThatEndsWithTheConnectionCountsOnlyIfTheEndWasAnnounced) {
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\nall of it";
  ScriptedServer clean(
      [&](Peer& peer) {
        peer.hear_header();
        peer.say(answer);
        peer.hang_up();
      },
      authority().issue());
  const Result<Response> response = get(*client(), clean.origin());
  ASSERT_TRUE(response) << failure(response);
  EXPECT_EQ(response->body, "all of it");
  EXPECT_THAT(outcome([&](Peer& peer) {
                peer.hear_header();
                peer.say(answer);
                peer.stop_talking();
                peer.hear_all();
              }),
              HasSubstr("no answer: it hung up"));
}

TEST_F(ClientFaults, AHeaderWithoutEndIsCutOff) {
  EXPECT_THAT(outcome([](Peer& peer) {
                peer.hear_header();
                peer.say("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'));
                peer.hear_all();
              }),
              HasSubstr("header is larger than 32768 bytes"));
}

TEST_F(ClientFaults, AGiantBodyIsCutOffHoweverItIsAnnounced) {
  ClientOptions options;
  options.answer_limits.body_bytes = 10'000;
  for (const char* begin : {"Content-Length: 10485760\r\n\r\n",
                            "Transfer-Encoding: chunked\r\n\r\nA00000\r\n", "\r\n"}) {
    const std::string result = outcome(
        [begin](Peer& peer) {
          peer.hear_header();
          peer.say(std::string("HTTP/1.1 200 OK\r\n") + begin + std::string(20'000, 'x'));
          peer.hang_up();
        },
        options);
    EXPECT_THAT(result, HasSubstr("body is larger than 10000 bytes")) << begin;
  }
}

TEST_F(ClientFaults, AnAnswerThatCanBeReadInTwoWaysIsNone) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;\r\nokXX0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/2.0 200 OK\r\n\r\n", "hello\r\n\r\n",
        "HTTP/1.1 099 No\r\n\r\n", "HTTP/1.1 xxx No\r\n\r\n"}) {
    const std::string result = outcome(once(answer));
    EXPECT_THAT(result, HasSubstr("no answer: ")) << answer;
  }
}

}  // namespace
}  // namespace stayd::http
