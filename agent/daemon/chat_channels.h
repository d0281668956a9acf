// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "approval/approval_service.h"
#include "channels/teams/teams_channel.h"
#include "channels/teams/workflow_channel.h"

namespace stayd {

// The channels that stayd.yaml asks for, beside the terminal.
class ChatChannels {
 public:
  // The settings of stayd.yaml, read before anything is started, so that a mistake in them stops
  // the start.
  struct Settings {
    std::optional<teams::Config> teams;
  };
  static Result<Settings> read(const std::string& config_file, const std::string& credentials);

  // Adds them to the approval service, so that they are shown what an earlier agent left; before
  // ApprovalService::load(). `database` and `approvals` must live as long as the executor runs.
  static Result<std::unique_ptr<ChatChannels>> create(boost::asio::any_io_executor executor,
                                                      Settings settings, Database& database,
                                                      ApprovalService& approvals);

  // After ApprovalService::resume().
  Result<> start();
  void people_changed();
  void stop();

  TeamsService* teams() { return teams_.get(); }

 private:
  std::unique_ptr<teams::TeamsChannel> teams_;
  std::unique_ptr<teams::WorkflowChannel> workflow_;
};

}  // namespace stayd
