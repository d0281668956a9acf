// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "gate/segments.h"

namespace stayd {

// Sends the packets of segments.h in the network namespaces that workloads are in. One thread,
// which is in another namespace for moments only.
class PacketSender {
 public:
  // The most namespaces that are known at once; for one more, the oldest is forgotten. A namespace
  // that is known here lives on.
  static constexpr std::size_t kMaxNetworks = 64;

  // Makes the network namespace of the process known, so that it can be reached once the process is
  // gone. Best effort: send() says what is missing.
  void reach(pid_t process);

  // To the other side of the connection, or to its socket.
  Result<> send(const stayd_pending& pending, const Packet& packet, bool to_socket);

  // No connection is pending any more.
  void forget() { networks_.clear(); }

 private:
  struct Network {
    ino_t inode = 0;           // of its file below /proc
    std::uint64_t cookie = 0;  // SO_NETNS_COOKIE
    Fd v4, v6;                 // raw sockets; none if the protocol is not there
  };

  Result<> add(pid_t process);
  const Network* find(std::uint64_t cookie) const;

  std::vector<Network> networks_;
};

}  // namespace stayd
