// SPDX-License-Identifier: Apache-2.0
#include "support/event_loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace stayd::test {
namespace {

constexpr int kTickMs = 10;

// Ticks until there is an event; false with errno.
bool tick_until_event(int epoll, std::int64_t begun, Report& report) {
  std::int64_t last = begun;
  for (;;) {
    epoll_event event{};
    const int count = ::epoll_wait(epoll, &event, 1, kTickMs);
    const std::int64_t now = now_ns();
    report.counters[kLongestGapNs] =
        std::max<std::int64_t>(report.counters[kLongestGapNs], now - last);
    ++report.counters[kTicks];
    last = now;
    if (count == 1) report.counters[kEvents] = event.events;
    if (count != 0) return count == 1;
  }
}

}  // namespace

socklen_t address_of(const std::string& address, std::uint16_t port, sockaddr_storage& into) {
  auto& in6 = reinterpret_cast<sockaddr_in6&>(into);
  auto& in = reinterpret_cast<sockaddr_in&>(into);
  into = {};
  if (::inet_pton(AF_INET6, address.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    return sizeof(in6);
  }
  ::inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  return sizeof(in);
}

long connect_in_a_loop(int socket, const sockaddr* address, socklen_t size, const std::string& text,
                       Report& report) {
  const std::int64_t begun = now_ns();
  const int result = ::connect(socket, address, size);
  report.counters[kLongestGapNs] = now_ns() - begun;
  if (result != 0 && errno != EINPROGRESS) return -1;
  report.stage = 1;
  if (result != 0) {
    const Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{.events = EPOLLOUT, .data = {.fd = socket}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket, &wanted) != 0 ||
        !tick_until_event(epoll.get(), begun, report))
      return -1;
    int error = 0;
    socklen_t error_size = sizeof(error);
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &error_size);
    if (error != 0) {
      errno = error;
      return -1;
    }
  }
  tcp_info info{};
  socklen_t info_size = sizeof(info);
  ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &info_size);
  report.counters[kRoundTripUs] = info.tcpi_rtt;
  return ::write(socket, text.data(), text.size());
}

Body connects_in_a_loop(const std::string& address, std::uint16_t port, std::string text) {
  return [address, port, text = std::move(text)](Report& report) -> long {
    sockaddr_storage storage{};
    const socklen_t size = address_of(address, port, storage);
    const Fd socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return connect_in_a_loop(socket.get(), as_sockaddr(storage), size, text, report);
  };
}

}  // namespace stayd::test
