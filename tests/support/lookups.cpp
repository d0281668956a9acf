// SPDX-License-Identifier: Apache-2.0
#include "support/lookups.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <thread>

#include "support/sockets.h"
#include "support/waiting.h"

namespace stayd::test {
namespace {

constexpr int kBacklog = 4096;

}  // namespace

Destination destination(const std::string& address, std::uint16_t port) {
  Destination result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.address);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.size = sizeof(*v4);
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.size = sizeof(*v6);
  } else {
    throw std::runtime_error("not an address: " + address);
  }
  return result;
}

bool use_resolv_conf(const std::string& file) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount(file.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0;
}

bool leave_network() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

std::vector<std::string> look_up(const std::string& name, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    char text[INET6_ADDRSTRLEN];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  return addresses;
}

int connect_to(const std::string& address, std::uint16_t port, int type) {
  const Destination to = destination(address, port);
  Fd socket(::socket(to.family(), type | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), to.get(), to.size);
}

int connect_by_name(const std::string& name, std::uint16_t port, int family) {
  const std::vector<std::string> addresses = look_up(name, family);
  if (addresses.empty()) {
    errno = ENOENT;
    return -1;
  }
  for (const std::string& each : addresses)
    if (connect_to(each, port) != 0) return -1;
  return 0;
}

std::string ask_over_udp(const Destination& resolver, const std::string& query) {
  Fd socket(::socket(resolver.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), resolver.get(), resolver.size) != 0) return {};
  if (::send(socket.get(), query.data(), query.size(), 0) < 0) return {};
  char bytes[4096];
  if (!readable(socket.get(), kPatience)) return {};
  const ssize_t size = ::recv(socket.get(), bytes, sizeof(bytes), 0);
  return {bytes, size > 0 ? static_cast<std::size_t>(size) : 0};
}

Fd listen_everywhere(std::uint16_t port) {
  Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Destination all = destination("::", port);
  const int off = 0;
  if (::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0 ||
      ::bind(socket.get(), all.get(), all.size) != 0 || ::listen(socket.get(), kBacklog) != 0)
    throw std::runtime_error("listen everywhere");
  return socket;
}

std::uint16_t port_of(const Fd& socket) {
  sockaddr_in6 address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("getsockname");
  return ntohs(address.sin6_port);
}

void answer_dns(const std::string& address,
                std::function<std::string(std::string_view query)> answer) {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Destination at = destination(address, 53);
  if (::bind(socket.get(), at.get(), at.size) != 0) throw std::runtime_error("bind port 53");
  std::thread([socket = std::move(socket), answer = std::move(answer)] {
    for (;;) {
      char bytes[512];
      Destination from;
      from.size = sizeof(from.address);
      const ssize_t size = ::recvfrom(socket.get(), bytes, sizeof(bytes), 0,
                                      reinterpret_cast<sockaddr*>(&from.address), &from.size);
      if (size <= 0) return;
      const std::string response = answer({bytes, static_cast<std::size_t>(size)});
      ::sendto(socket.get(), response.data(), response.size(), 0, from.get(), from.size);
    }
  }).detach();
}

bool send_forged(const std::string& source, std::uint16_t source_port,
                 const std::string& destination_address, std::uint16_t destination_port,
                 const std::string& payload) {
  iphdr ip{};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = IPPROTO_UDP;
  ip.saddr = ::inet_addr(source.c_str());
  ip.daddr = ::inet_addr(destination_address.c_str());
  udphdr udp{};  // without a checksum, which is optional
  udp.source = htons(source_port);
  udp.dest = htons(destination_port);
  udp.len = htons(static_cast<std::uint16_t>(sizeof(udp) + payload.size()));
  std::string packet(reinterpret_cast<const char*>(&ip), sizeof(ip));
  packet.append(reinterpret_cast<const char*>(&udp), sizeof(udp));
  packet += payload;
  Fd socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  const Destination to = destination(destination_address, 0);
  return ::sendto(socket.get(), packet.data(), packet.size(), 0, to.get(), to.size) ==
         static_cast<ssize_t>(packet.size());
}

}  // namespace stayd::test
