// SPDX-License-Identifier: Apache-2.0
#include "gate/packet_sender.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace stayd {
namespace {

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

ino_t inode_of(const Fd& file) {
  struct stat status {};
  return ::fstat(file.get(), &status) == 0 ? status.st_ino : 0;
}

Fd namespace_of(const std::string& process) {
  return Fd(::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
}

// IPPROTO_RAW: packets come with their IP header.
Fd raw_socket(int family) {
  return Fd(::socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW));
}

}  // namespace

void PacketSender::reach(pid_t process) { (void)add(process); }

Result<> PacketSender::add(pid_t process) {
  const Fd theirs = namespace_of(std::to_string(process));
  const Fd ours = namespace_of("thread-self");
  if (!theirs || !ours) return errno_error("open /proc/" + std::to_string(process) + "/ns/net");
  Network network{.inode = inode_of(theirs), .cookie = 0, .v4 = {}, .v6 = {}};
  const auto same = [&](const Network& each) { return each.inode == network.inode; };
  if (std::any_of(networks_.begin(), networks_.end(), same)) return {};

  const bool elsewhere = inode_of(ours) != network.inode;
  if (elsewhere && ::setns(theirs.get(), CLONE_NEWNET)) return errno_error("setns");
  network.v4 = raw_socket(AF_INET);
  const Error failure = errno_error("open a raw socket");
  network.v6 = raw_socket(AF_INET6);
  if (elsewhere && ::setns(ours.get(), CLONE_NEWNET))
    return errno_error("return to the network namespace of stayd");
  if (!network.v4) return failure;
  socklen_t size = sizeof(network.cookie);
  if (::getsockopt(network.v4.get(), SOL_SOCKET, SO_NETNS_COOKIE, &network.cookie, &size))
    return errno_error("SO_NETNS_COOKIE");
  if (networks_.size() == kMaxNetworks) networks_.erase(networks_.begin());
  networks_.push_back(std::move(network));
  return {};
}

const PacketSender::Network* PacketSender::find(std::uint64_t cookie) const {
  const auto found = std::find_if(networks_.begin(), networks_.end(),
                                  [&](const Network& each) { return each.cookie == cookie; });
  return found == networks_.end() ? nullptr : &*found;
}

Result<> PacketSender::send(const stayd_pending& pending, const Packet& packet, bool to_socket) {
  const auto process = static_cast<pid_t>(pending.process);
  const Network* network = find(pending.network);
  if (network == nullptr) {
    if (Result<> added = add(process); !added) return added;
    network = find(pending.network);
  }
  if (network == nullptr)
    return Error{"process " + std::to_string(process) + " is in another network namespace now"};

  const bool v4 = (packet[0] >> 4) == 4;
  const Fd& socket = v4 ? network->v4 : network->v6;
  const std::uint8_t* address = to_socket ? pending.source : pending.address;
  sockaddr_in in{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  std::memcpy(&in.sin_addr, address + 12, sizeof(in.sin_addr));
  std::memcpy(&in6.sin6_addr, address, sizeof(in6.sin6_addr));
  const auto* to =
      v4 ? reinterpret_cast<const sockaddr*>(&in) : reinterpret_cast<const sockaddr*>(&in6);
  const socklen_t size = v4 ? sizeof(in) : sizeof(in6);
  const std::uint32_t mark = to_socket ? 0 : pending.mark;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
    return errno_error("SO_MARK");
  if (::sendto(socket.get(), packet.data(), packet.size(), 0, to, size) < 0)
    return errno_error("send a packet");
  return {};
}

}  // namespace stayd
