// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "support/waiting.h"

namespace stayd::test {

sockaddr_in loopback(std::uint16_t port);

template <class Address>
const sockaddr* as_sockaddr(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Where the test's own end of a connection is: 127.0.0.1 or ::1, on a port of the kernel's choice.
class TcpListener {
 public:
  explicit TcpListener(bool v6 = false);
  std::uint16_t port() const { return port_; }
  // What the next connection brought until its end; nothing if none came within the limit.
  std::optional<std::string> next(milliseconds limit = kPatience);
  bool has_connection() { return readable(socket_.get(), milliseconds(0)); }
  // Takes the connection that is there and hangs up.
  void drop() { Fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
};

// One that lets connections wait until accept_all(): the kernel drops what asks for one, and
// it has to ask again, after a second and then ever later.
class SlowListener {
 public:
  SlowListener();
  std::uint16_t port() const { return port_; }
  void accept_all();

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
  std::vector<Fd> fillers_;
};

class UdpReceiver {
 public:
  UdpReceiver();
  std::uint16_t port() const { return port_; }
  // The next datagram; nothing if none came within the limit.
  std::optional<std::string> next(milliseconds limit = kPatience);
  bool has_datagram() { return readable(socket_.get(), milliseconds(0)); }

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
};

}  // namespace stayd::test
