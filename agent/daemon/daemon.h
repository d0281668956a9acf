// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/self_service.h"
#include "api/server.h"
#include "api/service.h"
#include "approval/approval_service.h"
#include "audit/record.h"
#include "channels/terminal/terminal_channel.h"
#include "daemon/chat_channels.h"
#include "daemon/clock_watch.h"
#include "daemon/gate_actions.h"
#include "daemon/recorded_peers.h"
#include "daemon/startup.h"
#include "evaluation/policy_evaluator.h"
#include "gate/event_queue.h"
#include "gate/gatekeeper.h"
#include "intake/ticket_context_builder.h"
#include "proposals/proposal_files.h"
#include "store/desk_store.h"
#include "workloads/assignments.h"
#include "workloads/learning_sessions.h"
#include "workloads/workloads.h"

namespace stayd {

// The desk thread: owns every part, in the order in which they depend on each other, and
// carries values between them. For daemon.cpp and daemon_service.cpp.
class Daemon final : public Service, private SelfKnowledge {
 public:
  // `self_test`: the workload that enforcement was proven with.
  Daemon(DaemonOptions options, Programs programs, WorkloadId self_test, Record record,
         std::unique_ptr<Database> database, People people, ChatChannels::Settings channels);

  Result<> start();
  void run();

  // One line for an operator: how it enforces, and whether a policy is not in force.
  std::string summary() const;

  Result<> admit(const Peer& peer) override;
  nlohmann::json status() override;
  nlohmann::json tickets(bool include_closed) override;
  nlohmann::json announcements() override;
  std::uint64_t revision() override { return approvals_.desk().revision() + announcements_; }
  Result<nlohmann::json> ticket(TicketId id) override;
  Result<nlohmann::json> decide(Decision decision, const Peer& peer) override;
  Result<nlohmann::json> snooze(TicketId id, std::chrono::seconds time, const Peer& peer) override;
  nlohmann::json grants() override;
  nlohmann::json proposals() override;
  Result<nlohmann::json> revoke(GrantId id, const Peer& peer) override;
  Result<nlohmann::json> break_glass(const std::string& cgroup, std::chrono::seconds time,
                                     const std::string& reason, const Peer& peer) override;
  Result<nlohmann::json> assign(const std::string& cgroup, const std::string& policy_file) override;
  Result<nlohmann::json> release(const std::string& cgroup) override;
  TeamsService* teams() override { return chats_ ? chats_->teams() : nullptr; }
  Result<nlohmann::json> reload() override;
  Result<nlohmann::json> start_learning(const std::string& cgroup,
                                        std::chrono::seconds limit) override;
  Result<nlohmann::json> end_learning(const std::string& cgroup) override;

 private:
  std::optional<WorkloadId> workload_of(const Peer& peer) override {
    return peer.workload && tables_.is_live(*peer.workload) ? peer.workload : std::nullopt;
  }
  nlohmann::json holds(WorkloadId workload) override;
  nlohmann::json denials(WorkloadId workload) override;
  void declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) override;

  void on(Operation operation);
  void on(const HoldGone& gone) { approvals_.gone(gone.hold, gone.why, wall_clock()); }
  void on(const CgroupMade& made);
  void on(const LabelsRead& touched);
  void on(const EntryChanged& changed) { locate_again(changed.policy); }
  void on(const ArgumentsChanged& changed);

  void read_kernel_events();
  void stop();
  void apply_policies();
  void end_workloads();
  void forget(const Workload& workload);
  void publish_policies();
  void locate_again(std::uint32_t policy_id);
  Result<> put_under(const std::string& cgroup, const std::optional<Policy>& policy);
  Result<> restore_after_learning(const std::string& cgroup, const std::optional<Policy>& before);
  void propose_rule(const Ticket& ticket);
  void note_assigned(const Workload& workload);
  const std::string& mounts();
  void watch_mounts();
  void watch_reload();
  void watch_grants();
  void watch_record();
  void arm_timer();
  void flush_soon();

  // The person that the peer is, and whom it could be besides.
  Decision identify(const Peer& peer) const;
  nlohmann::json workload_json(const Workload& workload);

  DaemonOptions options_;
  Programs programs_;
  WorkloadId self_test_;
  Record record_;
  std::unique_ptr<Database> database_;
  DeskStore store_;
  Tables tables_;
  Workloads workloads_;
  Assignments assignments_;
  GateActions gate_actions_;
  TicketContextBuilder context_builder_;
  ProposalFiles proposals_;
  boost::asio::io_context context_{1};
  TerminalChannel terminal_;
  std::uint64_t announcements_ = 0;
  ApprovalService approvals_;
  ChatChannels::Settings channel_settings_;
  std::unique_ptr<ChatChannels> chats_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer grants_timer_;
  boost::asio::steady_timer record_timer_;
  boost::asio::steady_timer flush_timer_;
  boost::asio::steady_timer cgroups_timer_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set reload_signal_;
  ClockWatch clock_watch_;
  boost::asio::posix::stream_descriptor mounts_;  // says when they change
  std::string mounts_text_;                       // mountinfo; empty: to be read
  LearningSessions learning_;
  SelfService self_service_;
  RecordedPeers peers_;
  std::unique_ptr<Server> server_, self_server_;
  PolicyEvaluator evaluator_;               // outlives the gatekeeper, which consults it
  KernelEventQueue kernel_events_;          // outlives the gatekeeper, which fills it
  std::unique_ptr<Gatekeeper> gatekeeper_;  // its thread ends before all that it uses
  std::optional<TimePoint> armed_for_;
  bool policies_due_ = false;
  bool flush_due_ = false;
  std::set<std::string> policy_errors_;  // said already
  std::size_t faults_at_start_ = 0;      // policies and assignments that could not be read
};

}  // namespace stayd
