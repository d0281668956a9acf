// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "http/message.h"

namespace stayd::http {

// What the clients of a server may use. The defaults are for the outside world.
struct ServerLimits {
  MessageLimits request{32 * 1024, 256 * 1024};
  std::size_t connections = 256;
  // Of one peer. For TCP that is one IPv4 address, or one /64 of IPv6, which is what a single host
  // usually has; for a Unix socket, whatever its server counts together.
  std::size_t connections_per_peer = 32;
  // Each is for the whole of it, however slowly it trickles.
  std::chrono::milliseconds handshake = std::chrono::seconds(5);
  std::chrono::milliseconds header = std::chrono::seconds(10);
  std::chrono::milliseconds body = std::chrono::seconds(20);
  std::chrono::milliseconds reply = std::chrono::seconds(20);  // for the client to take it
  std::chrono::milliseconds idle = std::chrono::seconds(60);   // between two requests
};

}  // namespace stayd::http
