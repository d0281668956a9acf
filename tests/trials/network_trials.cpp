// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "support/sockets.h"
#include "trials/trial.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;
using Kind = Attempt::Kind;

struct UnixAddress {
  sockaddr_un address{};
  socklen_t size = 0;
};

// `name`: a path, or '@' and an abstract name.
UnixAddress unix_address(const std::string& name) {
  UnixAddress result;
  result.address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(result.address.sun_path)) throw std::runtime_error("long: " + name);
  std::memcpy(result.address.sun_path, name.data(), name.size());
  const bool abstract = name.front() == '@';
  if (abstract) result.address.sun_path[0] = 0;
  result.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1));
  return result;
}

// IPv4, or IPv6 in the way that an IPv6 socket writes either.
struct Endpoint {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  bool narrow = false;
  const sockaddr* address() const { return narrow ? as_sockaddr(v4) : as_sockaddr(v6); }
  socklen_t size() const { return narrow ? sizeof(v4) : sizeof(v6); }
  int family() const { return narrow ? AF_INET : AF_INET6; }
};

Endpoint endpoint(const Address& address, std::uint16_t port, bool narrow) {
  Endpoint result;
  result.narrow = narrow;
  result.v4.sin_family = AF_INET;
  result.v4.sin_port = htons(port);
  std::memcpy(&result.v4.sin_addr, &address[12], 4);
  result.v6.sin6_family = AF_INET6;
  result.v6.sin6_port = htons(port);
  std::memcpy(&result.v6.sin6_addr, address.data(), address.size());
  return result;
}

}  // namespace

Trial socket_trial(Randomness& random, World& world, std::size_t number) {
  std::string name;
  Trial trial;
  trial.attempt.kind = Kind::unix_socket;
  if (random.one_in(2)) {
    trial.attempt.abstract_name =
        fs::path(world.root).filename().string() + random.word({"x", "y"}) + std::to_string(number);
    name = "@" + trial.attempt.abstract_name;
    world.abstract_sockets.push_back(name);
  } else {
    name = own_directory(random, world, number) + "/s";
    world.places.push_back(name);
    trial.attempt.file = world.tree.facts(name);
  }
  const bool stream = random.one_in(2);
  const UnixAddress to = unix_address(name);
  auto listener = std::make_shared<Fd>();
  trial.text = std::string(stream ? "connect" : "send") + " to unix:" + name;
  trial.prepare = [listener, name, to, stream] {
    if (name.front() == '/') fs::create_directories(fs::path(name).parent_path());
    *listener = Fd(::socket(AF_UNIX, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
    if (::bind(listener->get(), as_sockaddr(to.address), to.size) != 0 ||
        (stream && ::listen(listener->get(), 8) != 0))
      throw std::runtime_error("listen at " + name);
  };
  trial.perform = [to, stream]() -> long {
    Fd socket(::socket(AF_UNIX, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
    if (stream) return ::connect(socket.get(), as_sockaddr(to.address), to.size);
    return ::sendto(socket.get(), "x", 1, 0, as_sockaddr(to.address), to.size);
  };
  return trial;
}

Trial network_trial(Randomness& random, World&, std::size_t number) {
  const std::string written =
      random.word({"10.1.2.3", "10.1.2.4", "10.1.9.9", "10.200.0.1", "192.0.2.7", "127.0.0.1",
                   "2001:db8::1", "2001:db8:1::5", "fd00::1", "::1"});
  const auto port = static_cast<std::uint16_t>(1000 + 7 * number);
  const bool udp = random.one_in(2), sends = udp && random.one_in(2);
  Trial trial;
  trial.attempt.kind = Kind::network;
  trial.attempt.destination.address = parse_destinations(written)->prefix.address;
  trial.attempt.destination.port = port;
  trial.attempt.destination.protocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
  const bool v4 = written.find(':') == written.npos;
  const Endpoint to = endpoint(trial.attempt.destination.address, port, v4 && random.one_in(2));
  trial.text = std::string(sends ? "send" : "connect") + " to " + written + " port " +
               std::to_string(port) + (udp ? "/udp" : "/tcp") +
               (v4 && !to.narrow ? ", written as IPv6" : "");
  trial.perform = [to, udp, sends]() -> long {
    Fd socket(::socket(to.family(), (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    if (!socket) return -1;
    if (sends) return ::sendto(socket.get(), "x", 1, 0, to.address(), to.size());
    return ::connect(socket.get(), to.address(), to.size());
  };
  return trial;
}

}  // namespace stayd::test
