// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

// Who is at the other end of the socket, as the kernel says (SO_PEERCRED): the process
// that connected, when it connected.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;  // login name; empty if the uid has none
  // Whose login session the process belongs to, whatever it has become since; proc(5) loginuid.
  std::optional<uid_t> login_uid{};
};

// "alice (uid 1000)", or "uid 1000".
std::string to_string(const Peer& peer);

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

  // The person, and who they may be besides, are the peer's to say: `decision` leaves them out.
  // Returns the ticket as it is afterwards.
  virtual Result<nlohmann::json> decide(Decision decision, const Peer& peer) = 0;
  virtual Result<nlohmann::json> put_off(TicketId id, std::chrono::seconds time,
                                         const Peer& peer) = 0;

  virtual nlohmann::json grants() = 0;  // array, oldest first
  virtual Result<nlohmann::json> revoke(GrantId id, const Peer& peer) = 0;

  // Root only: what the workload waits for, and will until then, goes on unasked.
  virtual Result<nlohmann::json> break_glass(const std::string& cgroup, std::chrono::seconds time,
                                             const std::string& reason, const Peer& peer) = 0;

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
