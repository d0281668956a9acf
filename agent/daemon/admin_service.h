// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "api/service.h"
#include "approval/approval_service.h"
#include "audit/record.h"
#include "channels/terminal/terminal_channel.h"
#include "daemon/rule_proposer.h"
#include "intake/gate.h"
#include "workloads/learning_sessions.h"

namespace stayd {

// What people and their tools ask of the agent: answers come from the desk's parts and from the
// gate, put into JSON. On the desk's thread.
class AdminService final : public Service {
 public:
  // All of it must outlive the service.
  struct Parts {
    Gate& gate;
    ApprovalService& approvals;
    Record& record;
    TerminalChannel& terminal;
    RuleProposer& proposer;
    LearningSessions& learning;
    // The people of people.yaml, read anew.
    std::function<Result<People>()> load_people;
    // After ApprovalService::set_people(), for channels that keep something of them.
    std::function<void()> people_changed = [] {};
    std::function<TeamsService*()> teams = [] { return nullptr; };
    PackSource packs = {};  // that drafts may use
    std::function<TimePoint()> clock = wall_clock;
  };
  explicit AdminService(Parts parts) : parts_(std::move(parts)) {}

  Result<> admit(const Peer& peer) override;
  nlohmann::json status() override;
  nlohmann::json tickets(bool include_closed) override;
  nlohmann::json announcements() override;
  std::uint64_t revision() override;
  Result<nlohmann::json> ticket(TicketId id) override;
  Result<nlohmann::json> decide(Decision decision, const Peer& peer) override;
  Result<nlohmann::json> snooze(TicketId id, std::chrono::seconds time, const Peer& peer) override;
  nlohmann::json grants() override;
  nlohmann::json proposals() override { return parts_.proposer.list(); }
  Result<nlohmann::json> revoke(GrantId id, const Peer& peer) override;
  Result<nlohmann::json> break_glass(const std::string& cgroup, std::chrono::seconds time,
                                     const std::string& reason, const Peer& peer) override;
  Result<nlohmann::json> assign(const std::string& cgroup, const std::string& policy_file) override;
  Result<nlohmann::json> release(const std::string& cgroup) override;
  TeamsService* teams() override { return parts_.teams(); }
  Result<nlohmann::json> reload() override;
  Result<nlohmann::json> start_learning(const std::string& cgroup, std::chrono::seconds limit,
                                        PacksSaid packs) override;
  nlohmann::json learning() override { return parts_.learning.list(); }
  Result<nlohmann::json> end_learning(const std::string& cgroup) override;

  // One line for an operator: how the kernel side enforces, and whether a policy is not in force.
  std::string summary();

 private:
  Requester requester(const Peer& peer) const;
  nlohmann::json workload_json(const WorkloadFacts& workload);

  const Parts parts_;
};

}  // namespace stayd
