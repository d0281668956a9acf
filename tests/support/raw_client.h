// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace stayd::test {

// A client of a server on this machine that says exactly what it is told to, HTTP or not.
class RawClient {
 public:
  // In TLS if there is a file of trusted certificates. Throws if it cannot connect.
  explicit RawClient(std::uint16_t port, const std::string& ca_file = "",
                     const std::string& from = "127.0.0.1");

  ~RawClient();
  RawClient(RawClient&&) noexcept;
  RawClient& operator=(RawClient&&) noexcept;

  void say(const std::string& bytes);
  std::string hear_header();  // up to the empty line
  std::string hear_reply();   // with a body of the length that it says
  std::string hear_all();     // until the server ends
  bool has_ended(std::chrono::milliseconds limit);

  std::string certificate();  // the server's, as bytes

  // True if a handshake in just this version comes to an end.
  static bool handshakes(std::uint16_t port, const std::string& ca_file, int version);

 private:
  struct Connection;
  std::string hear(std::size_t size);

  std::unique_ptr<Connection> connection_;
};

}  // namespace stayd::test
