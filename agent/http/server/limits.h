// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "http/message.h"

namespace stayd::http {

// The limits for the clients of one server. The defaults are for the outside world; a connection
// that passes a limit ends. Each time is for the whole of a step, however slowly its bytes trickle.
struct ServerLimits {
  MessageLimits request{32 * 1024, 256 * 1024};  // bytes; more is answered 431 or 413
  std::size_t connections = 256;
  // From one peer. For TCP that is one IPv4 address, or one /64 of IPv6, which is what a single
  // host usually has; for a Unix socket, whatever its server counts together.
  std::size_t connections_per_peer = 32;
  std::chrono::milliseconds handshake = std::chrono::seconds(5);
  // For the first byte of a connection's first request, and then for the header.
  std::chrono::milliseconds header = std::chrono::seconds(10);
  // For the body, from the end of the header on. Without a value, the body must arrive within the
  // time of the header.
  std::optional<std::chrono::milliseconds> body = std::chrono::seconds(20);
  std::chrono::milliseconds reply = std::chrono::seconds(20);  // for the client to receive it
  std::chrono::milliseconds idle = std::chrono::seconds(60);   // between two requests
};

}  // namespace stayd::http
