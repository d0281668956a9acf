// SPDX-License-Identifier: Apache-2.0
#include "support/sockets.h"

#include <stdexcept>

namespace stayd::test {
namespace {

std::uint16_t bind_to_loopback(const Fd& socket) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (::bind(socket.get(), as_sockaddr(address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("bind to 127.0.0.1");
  return ntohs(address.sin_port);
}

std::uint16_t bind_to_loopback6(const Fd& socket) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof(address);
  if (::bind(socket.get(), as_sockaddr(address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("bind to ::1");
  return ntohs(address.sin6_port);
}

}  // namespace

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

TcpListener::TcpListener(bool v6)
    : socket_(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  port_ = v6 ? bind_to_loopback6(socket_) : bind_to_loopback(socket_);
  if (::listen(socket_.get(), 64) != 0) throw std::runtime_error("listen");
}

std::optional<std::string> TcpListener::next(milliseconds limit) {
  if (!readable(socket_.get(), limit)) return std::nullopt;
  Fd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::string all;
  char bytes[256];
  while (readable(connection.get(), limit)) {
    const ssize_t size = ::read(connection.get(), bytes, sizeof(bytes));
    if (size <= 0) break;
    all.append(bytes, static_cast<std::size_t>(size));
  }
  return all;
}

SlowListener::SlowListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  port_ = bind_to_loopback(socket_);
  if (::listen(socket_.get(), 0) != 0) throw std::runtime_error("listen");
  const sockaddr_in address = loopback(port_);
  for (int i = 0; i < 3; ++i) {  // one fills the queue; the others wait like any later one
    fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(fillers_.back().get(), as_sockaddr(address), sizeof(address));
  }
}

void SlowListener::accept_all() {
  fillers_.clear();
  ::listen(socket_.get(), 64);
  while (readable(socket_.get(), milliseconds(0)))
    Fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

UdpReceiver::UdpReceiver() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  port_ = bind_to_loopback(socket_);
}

std::optional<std::string> UdpReceiver::next(milliseconds limit) {
  if (!readable(socket_.get(), limit)) return std::nullopt;
  char bytes[256];
  const ssize_t size = ::recv(socket_.get(), bytes, sizeof(bytes), 0);
  if (size < 0) return std::nullopt;
  return std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace stayd::test
