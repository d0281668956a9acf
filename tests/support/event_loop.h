// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <string>

#include "support/actor.h"
#include "support/sockets.h"

namespace stayd::test {

// A program with an event loop, which ticks every ten milliseconds whatever it waits for.

// What it says of itself in Report::counters.
enum LoopCounter : std::size_t {
  kLongestGapNs,  // between two ticks; the first is just before its connect
  kTicks,
  kEvents,       // what epoll said of the connection at last
  kRoundTripUs,  // as the kernel measured it
};

// Connects the socket, which does not block; Report::stage is then 1. Ticks until the connection is
// made, then sends the text and returns its size; or fails with the connection's error.
long connect_in_a_loop(int socket, const sockaddr* address, socklen_t size, const std::string& text,
                       Report& report);

// The same with a new socket, to a port of the address.
Body connects_in_a_loop(const std::string& address, std::uint16_t port, std::string text = "");
// To 127.0.0.1.
inline Body connects_in_a_loop(std::uint16_t port, std::string text = "") {
  return connects_in_a_loop("127.0.0.1", port, std::move(text));
}

// Stores the socket address of a numeric IPv4 or IPv6 address. Returns its size.
socklen_t address_of(const std::string& address, std::uint16_t port, sockaddr_storage& into);

}  // namespace stayd::test
