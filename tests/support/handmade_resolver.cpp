// SPDX-License-Identifier: Apache-2.0
#include "support/handmade_resolver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "policy/address.h"

namespace stayd::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Empty if somebody has the port. 0: one of the kernel's choice.
Fd bound(int type, std::uint16_t port) {
  Fd socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::bind(socket.get(), generic(address), sizeof(address)) != 0) return Fd();
  return socket;
}

std::uint16_t port_of(const Fd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// A pair of one port.
std::pair<Fd, Fd> bind_pair() {
  for (int i = 0; i < 100; i++) {
    Fd udp = bound(SOCK_DGRAM, 0);
    Fd tcp = bound(SOCK_STREAM, port_of(udp));
    if (udp && tcp) return {std::move(udp), std::move(tcp)};
  }
  throw std::runtime_error("no free port");
}

}  // namespace

std::string respond(const HandmadeResolver::Question& question, const std::string& address,
                    unsigned id_off_by, unsigned flags) {
  const DnsQuestion asked = read_question(question.bytes);
  return dns_response(asked.id + id_off_by, asked.name, asked.type,
                      {dns_address(asked.name, address)}, flags);
}

std::uint16_t free_port() { return port_of(bind_pair().first); }

HandmadeResolver::HandmadeResolver(Answer answer)
    : answer_(std::move(answer)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  std::tie(udp_, tcp_) = bind_pair();
  if (::listen(tcp_.get(), 16) != 0) throw std::runtime_error("listen");
  port_ = port_of(udp_);
  thread_ = std::thread([this] { run(); });
}

HandmadeResolver::~HandmadeResolver() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

DnsServer HandmadeResolver::server() const {
  return {.address = parse_destinations("127.0.0.1")->prefix.address, .port = port_};
}

void HandmadeResolver::run() {
  for (;;) {
    pollfd all[3] = {{udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    ::poll(all, 3, -1);
    if (all[2].revents != 0) return;
    if (all[0].revents != 0) answer_datagram();
    if (all[1].revents != 0) answer_connection();
  }
}

void HandmadeResolver::answer_datagram() {
  char bytes[512];
  Question question;
  socklen_t size = sizeof(question.from);
  const ssize_t got = ::recvfrom(udp_.get(), bytes, sizeof(bytes), 0,
                                 reinterpret_cast<sockaddr*>(&question.from), &size);
  if (got <= 0) return;
  ++asked_;
  question.bytes.assign(bytes, static_cast<std::size_t>(got));
  for (const std::string& each : answer_(question))
    ::sendto(udp_.get(), each.data(), each.size(), 0, generic(question.from), size);
}

// One question; in a connection that says nothing it would wait for the rest of its days.
void HandmadeResolver::answer_connection() {
  Fd connection(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char bytes[512];
  const ssize_t got = ::recv(connection.get(), bytes, sizeof(bytes), 0);
  if (got <= 2) return;
  ++asked_;
  ++asked_over_tcp_;
  Question question{
      .bytes = {bytes + 2, static_cast<std::size_t>(got) - 2}, .tcp = true, .from = {}};
  for (const std::string& each : answer_(question)) {
    const std::string framed = number16(static_cast<unsigned>(each.size())) + each;
    ::send(connection.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
  }
}

}  // namespace stayd::test
