// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.h"

namespace stayd::test {

// The server's end of one connection, for a script to say and hear what it likes, HTTP or not.
// Calls wait for the other side; a call that fails because the other side left is not a test
// failure.
class Peer {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  explicit Peer(Socket socket) : socket_(std::move(socket)) {}

  // False if the client did not like what it saw.
  bool begin_tls(boost::asio::ssl::context& context);
  std::string server_name();  // that the client asked for (SNI); empty: none

  void say(const std::string& bytes);
  std::string hear_header();  // up to the empty line, and no further
  std::string hear(std::size_t size);
  std::string hear_all();  // until the other side ends
  void wait_for_end();     // likewise, without taking what it says

  // Without further ado: a half-closed connection; in TLS, an end that was not announced.
  void stop_talking();
  // In TLS, after saying that it is the end.
  void hang_up();
  // When the script is over, the kernel tells the other side that all is lost.
  void reset_at_end();

  Socket& socket();

 private:
  std::size_t read_some(char* to, std::size_t size);

  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  std::string heard_;
};

// Listens on 127.0.0.1 and plays a script with each client, each on a thread of its own.
class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  // In TLS if there is a certificate.
  explicit ScriptedServer(Script script, std::optional<CertificateAndKey> certificate = {});
  ~ScriptedServer();

  // Versions of TLS, before any client comes; 0: OpenSSL's choice. Takes what is broken, too.
  void speak_only(int lowest, int highest);

  std::uint16_t port() const { return port_; }
  std::string origin() const;  // "https://localhost:port"
  int connections() const { return connections_; }

 private:
  void accept_all();
  void play(Peer::Socket socket);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::optional<boost::asio::ssl::context> tls_;
  Script script_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool stopping_ = false;
  std::set<int> open_;  // descriptors
  std::vector<std::thread> players_;
  std::thread thread_;
};

}  // namespace stayd::test
