// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "api/self_service.h"
#include "api/server.h"
#include "approval/approval_service.h"
#include "audit/record.h"
#include "channels/terminal/terminal_channel.h"
#include "context/mount_table.h"
#include "daemon/admin_service.h"
#include "daemon/chat_channels.h"
#include "daemon/gate_actions.h"
#include "daemon/kernel_event_reader.h"
#include "daemon/options.h"
#include "daemon/periodic.h"
#include "daemon/recorded_peers.h"
#include "daemon/rule_proposer.h"
#include "daemon/self_answers.h"
#include "daemon/workload_control.h"
#include "evaluation/policy_evaluator.h"
#include "gate/gatekeeper.h"
#include "intake/intake.h"
#include "store/desk_store.h"
#include "workloads/learning_sessions.h"
#include "workloads/workloads.h"

namespace stayd {

// The desk thread: owns every part, in the order in which they depend on each other, starts and
// stops them, and decides nothing.
class Daemon {
 public:
  // `self_test`: the workload that enforcement was proven with.
  Daemon(DaemonOptions options, Programs programs, WorkloadId self_test, Record record,
         std::unique_ptr<Database> database, People people, ChatChannels::Settings channels);

  Result<> start();
  // Until SIGTERM or SIGINT.
  void run();

  // "lsm" or "fmod_ret"; and one line for an operator. After start().
  const char* enforcement() const { return to_string(programs_.attachment()); }
  std::string summary() { return admin_.summary(); }

 private:
  Result<> start_gate();
  Result<> start_serving();
  void stop();
  void wake_workloads();
  void look_after(TimePoint now);
  void tick();

  DaemonOptions options_;
  Programs programs_;
  Record record_;
  std::unique_ptr<Database> database_;
  DeskStore store_;
  boost::asio::io_context context_{1};

  // The gate, but for its threads.
  Tables tables_;
  MountTable mounts_;
  Workloads workloads_;
  WorkloadControl control_;
  GateActions gate_;

  // The desk.
  TerminalChannel terminal_;
  ApprovalService approvals_;
  RuleProposer proposer_;
  TicketContextBuilder contexts_;
  LearningSessions learning_;
  SelfAnswers self_answers_;
  SelfService self_service_;
  Intake intake_;
  ChatChannels::Settings channel_settings_;
  std::unique_ptr<ChatChannels> chats_;
  AdminService admin_;
  RecordedPeers peers_;
  std::unique_ptr<Server> server_, self_server_;
  bool waking_workloads_ = false;
  Periodic periodic_;

  PolicyEvaluator evaluator_;               // outlives the gatekeeper, which consults it
  KernelEventReader events_;                // outlives the gatekeeper, which fills it
  std::unique_ptr<Gatekeeper> gatekeeper_;  // its thread ends before all that it uses
};

}  // namespace stayd
