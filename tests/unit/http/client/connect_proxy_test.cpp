// SPDX-License-Identifier: Apache-2.0
//
// Requests through proxies: one that the test scripts, and a real one.
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "support/child.h"
#include "support/sockets.h"
#include "unit/http/http_fixture.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr const char* kTarget = "https://api.example.test/";  // no resolver knows it

// Passes bytes from one socket to the other until there are no more.
void pump(tcp::socket& from, tcp::socket& to) {
  char bytes[4096];
  boost::system::error_code error;
  for (;;) {
    const std::size_t size = from.read_some(asio::buffer(bytes), error);
    if (size == 0) break;
    asio::write(to, asio::buffer(bytes, size), error);
  }
  ::shutdown(to.native_handle(), SHUT_WR);
}

// A proxy that connects to this port, whatever it was asked for, and tells what that was.
ScriptedServer::Script tunnel_to(std::uint16_t port, std::string& asked) {
  return [port, &asked](Peer& peer) {
    asked = peer.hear_header();
    asio::io_context context;
    tcp::socket server(context);
    server.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    peer.say("HTTP/1.1 200 Connection established\r\n\r\n");
    std::thread back([&] { pump(server, peer.socket()); });
    pump(peer.socket(), server);
    back.join();
  };
}

class ConnectProxy : public HttpTest {
 protected:
  std::unique_ptr<Client> client_through(std::uint16_t port, std::string_view user = "",
                                         ClientOptions options = {}) {
    const std::string text = "http://" + std::string(user) + "127.0.0.1:" + std::to_string(port);
    options.proxies = ProxyRules(*parse_proxy(text), NoProxy());
    return client(std::move(options));
  }
  // What a request comes to that goes through a proxy with this script.
  std::string outcome(ScriptedServer::Script script, ClientOptions options = {}) {
    ScriptedServer proxy(std::move(script));
    return failure(get(*client_through(proxy.port(), "", std::move(options)), kTarget));
  }
};

TEST_F(ConnectProxy, IsAskedForTheNameAndTheRestIsBetweenClientAndServer) {
  std::string asked;
  ScriptedServer server(always(kOk), authority().issue({.names = "DNS:api.example.test"}));
  ScriptedServer proxy(tunnel_to(server.port(), asked));
  auto from = client_through(proxy.port());
  EXPECT_EQ(failure(get(*from, kTarget)), "status 200");
  EXPECT_EQ(asked, "CONNECT api.example.test:443 HTTP/1.1\r\nHost: api.example.test:443\r\n\r\n");
  EXPECT_EQ(failure(get(*from, kTarget)), "status 200");
  EXPECT_EQ(proxy.connections(), 1);  // kept like any other
}

TEST_F(ConnectProxy, IsToldWhoWeAre) {
  std::string asked;
  ScriptedServer server(always(kOk), authority().issue({.names = "DNS:api.example.test"}));
  ScriptedServer proxy(tunnel_to(server.port(), asked));
  EXPECT_EQ(failure(get(*client_through(proxy.port(), "user:p%40ss@"), kTarget)), "status 200");
  EXPECT_THAT(asked, HasSubstr("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"));
}

TEST_F(ConnectProxy, SeesNothingOfTheRequest) {
  std::string asked;
  std::string heard;
  ScriptedServer server(
      [&](Peer& peer) {
        heard = peer.hear_header();
        peer.say(kOk);
        peer.hear_all();
      },
      authority().issue({.names = "DNS:api.example.test"}));
  ScriptedServer proxy(tunnel_to(server.port(), asked));
  auto from = client_through(proxy.port(), "user:pass@");
  Outgoing request;
  request.url = url(kTarget);
  request.fields.set(field::authorization, "Bearer s3cret");
  EXPECT_EQ(failure(send(*from, request)), "status 200");
  EXPECT_THAT(asked, Not(HasSubstr("s3cret")));
  EXPECT_THAT(heard, AllOf(HasSubstr("Bearer s3cret"), Not(HasSubstr("Proxy-Authorization"))));
}

TEST_F(ConnectProxy, CannotPoseAsTheServer) {
  ScriptedServer impostor([&](Peer& peer) {
    peer.hear_header();
    peer.say("HTTP/1.1 200 OK\r\n\r\n");
    asio::ssl::context context(asio::ssl::context::tls_server);
    const auto own = authority().issue({.names = "DNS:proxy.example.test"});
    context.use_certificate_chain(asio::buffer(own.certificate));
    context.use_private_key(asio::buffer(own.key), asio::ssl::context::pem);
    if (peer.begin_tls(context)) peer.say(kOk);
  });
  EXPECT_THAT(failure(get(*client_through(impostor.port()), kTarget)),
              HasSubstr("hostname mismatch"));
}

TEST_F(ConnectProxy, ThatRefusesIsNamedWithItsStatusAndNotItsSecret) {
  ScriptedServer proxy(
      once("HTTP/1.1 407 Proxy Authentication Required\r\n"
           "Content-Length: 100000\r\n\r\nsecret page"));
  const std::string result = failure(get(*client_through(proxy.port(), "user:s3cret@"), kTarget));
  EXPECT_EQ(result, "https://api.example.test: not sent: proxy 127.0.0.1:" +
                        std::to_string(proxy.port()) + ": refused to connect, status 407");
}

TEST_F(ConnectProxy, ThatMisbehavesIsAnError) {
  EXPECT_THAT(outcome([](Peer& peer) { peer.hear_header(); }), HasSubstr(": it hung up"));
  EXPECT_THAT(outcome(once("SSH-2.0-x\r\n\r\n")), HasSubstr("not HTTP"));
  EXPECT_THAT(outcome(once("HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01 from the proxy")),
              HasSubstr("said more than was asked"));
  EXPECT_THAT(outcome(once("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'))),
              HasSubstr("header is larger than"));
  EXPECT_THAT(outcome(once("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n")),
              HasSubstr("status 302"));
}

TEST_F(ConnectProxy, ThatDoesNotAnswerIsNotWaitedForLonger) {
  ClientOptions options;
  options.connect_limit = 100ms;
  EXPECT_THAT(outcome([](Peer& peer) { peer.hear_all(); }, options), HasSubstr("not over in time"));
}

TEST_F(ConnectProxy, ThatIsNotThereIsAnError) {
  std::uint16_t port = 0;
  { port = test::TcpListener().port(); }
  EXPECT_THAT(failure(get(*client_through(port), kTarget)),
              AllOf(HasSubstr("not sent: proxy 127.0.0.1"), HasSubstr("Connection refused")));
}

TEST_F(ConnectProxy, IsNotUsedForLoopback) {
  std::string asked;
  ScriptedServer server(always(kOk), authority().issue());
  ScriptedServer proxy(tunnel_to(server.port(), asked));
  EXPECT_EQ(failure(get(*client_through(proxy.port()), server.origin())), "status 200");
  EXPECT_EQ(proxy.connections(), 0);
}

// A real one, which checks who we are.
class Tinyproxy : public ConnectProxy {
 protected:
  void begin(std::uint16_t allowed_port) {
    { port_ = test::TcpListener().port(); }
    const std::string file = write_file(
        "tinyproxy.conf", "Port " + std::to_string(port_) +
                              "\nListen 127.0.0.1\nTimeout 30\nLogLevel Critical\nMaxClients 10\n"
                              "BasicAuth user pass\nConnectPort " +
                              std::to_string(allowed_port) + "\n");
    child_.emplace(std::vector<std::string>{"tinyproxy", "-d", "-c", file});
    const auto listens = [this] {
      boost::system::error_code error;
      tcp::socket socket(context_);
      socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_), error);
      return !error;
    };
    ASSERT_TRUE(test::eventually(listens));
  }

  std::uint16_t port_ = 0;
  std::optional<test::Child> child_;
};

TEST_F(Tinyproxy, CarriesRequestsOfThoseItKnows) {
  ScriptedServer server(always(kOk), authority().issue({.names = "IP:0.0.0.0"}));
  // This machine under an address that is not a loopback one, which would not go to a proxy.
  const std::string where = "https://0.0.0.0:" + std::to_string(server.port());
  begin(server.port());
  EXPECT_EQ(failure(get(*client_through(port_, "user:pass@"), where)), "status 200");
  EXPECT_THAT(failure(get(*client_through(port_, "user:wrong@"), where)),
              HasSubstr("refused to connect, status 40"));
  EXPECT_THAT(failure(get(*client_through(port_), where)), HasSubstr("status 407"));
  EXPECT_THAT(failure(get(*client_through(port_, "user:pass@"), "https://0.0.0.0:1/")),
              HasSubstr("refused to connect, status "));
}

}  // namespace
}  // namespace stayd::http
