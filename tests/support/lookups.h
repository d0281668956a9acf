// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "support/actor.h"

namespace stayd::test {

// What a workload does with names, and what one does that wants to be told lies. All of it
// for the child of a fork: failures are errno, -1 or an exception, which ends the actor.

struct Destination {
  sockaddr_storage address{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  int family() const { return address.ss_family; }
};
// `address` as people write it. Throws std::runtime_error.
Destination destination(const std::string& address, std::uint16_t port);

// A private /etc/resolv.conf, in a mount namespace of the calling process's own.
bool use_resolv_conf(const std::string& file);
// A network namespace of its own, its loopback up.
bool leave_network();

// With getaddrinfo(); `family` AF_UNSPEC asks for both. Empty: not found.
std::vector<std::string> look_up(const std::string& name, int family = AF_UNSPEC);
// One connect; 0, or -1 with errno.
int connect_to(const std::string& address, std::uint16_t port, int type = SOCK_STREAM);
// Looks the name up and connects to each of its addresses; -1 with errno of the first that
// fails, ENOENT if there are none.
int connect_by_name(const std::string& name, std::uint16_t port, int family = AF_UNSPEC);

// Sends the query over UDP and returns the answer; empty if none came.
std::string ask_over_udp(const Destination& resolver, const std::string& query);

// Listens on the port at every address of the network namespace it is made in, IPv4 and IPv6,
// and lets connections wait. Throws std::runtime_error.
Fd listen_everywhere(std::uint16_t port = 0);
std::uint16_t port_of(const Fd& socket);

// Answers DNS queries at an address in a thread of its own, until the process ends: `answer`
// makes the response to a query. Throws std::runtime_error.
void answer_dns(const std::string& address,
                std::function<std::string(std::string_view query)> answer);

// One datagram with a source that the sender chose, from a raw socket. IPv4.
bool send_forged(const std::string& source, std::uint16_t source_port,
                 const std::string& destination, std::uint16_t destination_port,
                 const std::string& payload);

}  // namespace stayd::test
