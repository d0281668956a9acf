// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

#include "dns/dns_message.h"

namespace stayd {

struct DnsServer {
  Address address{};
  std::uint16_t port = 53;
  auto operator<=>(const DnsServer&) const = default;
};

// The time that a resolver may take to answer: each of two datagrams, and a connection.
inline constexpr std::chrono::milliseconds kDnsStep{500};

// PolicyEvaluator one resolver one question (RFC 1035, RFC 6891), over TCP (RFC 7766) if the answer
// does not fit into a datagram. Takes answers from that address and port only, with the id that it
// chose at random, to the question that it asked. Somebody on this host who forges them can
// find out its port (proc(5) /proc/net/udp) and has the id to guess: one wrong guess, and the
// rest goes over TCP, where there is a sequence number to guess as well (RFC 5452 has more).
boost::asio::awaitable<Result<DnsAnswer>> ask_resolver(DnsServer server, std::string name,
                                                       std::uint16_t type);

}  // namespace stayd
