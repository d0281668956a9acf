// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "api/backend.h"
#include "base/result.h"
#include "channels/teams_service.h"
#include "policy/packs_said.h"
#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

// What people and their tools ask of the daemon, by the routes of routes.h.
class Service : public Backend {
 public:
  Routed route(const Request& request) final;

  virtual nlohmann::json status() = 0;
  virtual nlohmann::json tickets(bool include_closed) = 0;  // array, oldest first
  // What everybody has been told lately, oldest first: [{number, text}], numbers from 1 on.
  virtual nlohmann::json announcements() = 0;
  // Differs whenever what tickets(true) or announcements() would return differs.
  virtual std::uint64_t revision() = 0;
  virtual Result<nlohmann::json> ticket(TicketId id) = 0;

  // The person, and who they may be besides, are the peer's to say: `decision` leaves them out.
  // Returns the ticket as it is afterwards.
  virtual Result<nlohmann::json> decide(Decision decision, const Peer& peer) = 0;
  virtual Result<nlohmann::json> snooze(TicketId id, std::chrono::seconds time,
                                        const Peer& peer) = 0;

  virtual nlohmann::json grants() = 0;  // array, oldest first
  virtual Result<nlohmann::json> revoke(GrantId id, const Peer& peer) = 0;

  // Proposed rules that wait for review: [{ticket, policy, file, written}], by ticket.
  virtual nlohmann::json proposals() = 0;

  // Root only: whatever the workload waits for, and will wait for until then, proceeds without
  // approval.
  virtual Result<nlohmann::json> break_glass(const std::string& cgroup, std::chrono::seconds time,
                                             const std::string& reason, const Peer& peer) = 0;

  // `cgroup` is a path below the cgroup root, `policy_file` is absolute.
  virtual Result<nlohmann::json> assign(const std::string& cgroup,
                                        const std::string& policy_file) = 0;
  virtual Result<nlohmann::json> release(const std::string& cgroup) = 0;

  // nullptr: there is no such channel.
  virtual TeamsService* teams() { return nullptr; }

  // Reads the policy files anew.
  virtual Result<nlohmann::json> reload() = 0;

  // Puts the cgroup under a policy that records everything and holds nothing, for at most
  // `limit`; what it was under comes back afterwards. `packs`: what the draft builds on; none:
  // those of its policy, or else `secrets`. Returns {"cgroup", "session"}; ending it {"draft",
  // "operations", "covered", "allowing", "questions"}.
  virtual Result<nlohmann::json> start_learning(const std::string& cgroup,
                                                std::chrono::seconds limit, PacksSaid packs) = 0;
  // [{"session", "cgroup", "operations", "over"}]
  virtual nlohmann::json learning() = 0;
  virtual Result<nlohmann::json> end_learning(const std::string& cgroup) = 0;
};

}  // namespace stayd
