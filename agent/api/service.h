// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "tickets/ticket.h"

namespace stayd {

// Who is at the other end of the socket, as the kernel says (SO_PEERCRED): the process
// that connected, when it connected.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;  // login name; empty if the uid has none
};

// How a decision names its person: "alice (uid 1000)", or "uid 1000".
std::string person(const Peer& peer);

// What the API asks of the daemon. Every call comes on the executor's thread, returns at
// once, and may fail only through its Result; an exception becomes status 500.
class Service {
 public:
  virtual ~Service() = default;

  // Asked for each connection and again for each request; an error refuses it (403).
  virtual Result<> admit(const Peer& peer) = 0;

  virtual nlohmann::json status() = 0;
  virtual nlohmann::json tickets(bool include_closed) = 0;  // array, oldest first
  // Differs whenever what tickets(true) would return differs.
  virtual std::uint64_t revision() = 0;
  virtual Result<nlohmann::json> ticket(TicketId id) = 0;

  // Returns the ticket as it is afterwards.
  virtual Result<nlohmann::json> decide(Decision decision) = 0;

  // `cgroup` is a path below the cgroup root, `policy_file` is absolute.
  virtual Result<nlohmann::json> assign(const std::string& cgroup,
                                        const std::string& policy_file) = 0;
  virtual Result<nlohmann::json> release(const std::string& cgroup) = 0;

  // Reads the policy files anew.
  virtual Result<nlohmann::json> reload() = 0;

  // Puts the cgroup under a policy that records everything and holds nothing, for at most
  // `limit`; what it was under comes back afterwards. Ending it returns {"draft", "operations"}.
  virtual Result<nlohmann::json> start_learning(const std::string& cgroup,
                                                std::chrono::seconds limit) = 0;
  virtual Result<nlohmann::json> end_learning(const std::string& cgroup) = 0;
};

}  // namespace stayd
