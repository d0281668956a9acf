// SPDX-License-Identifier: Apache-2.0
#include "daemon/chat_channels.h"

#include <cstdlib>

namespace stayd {

Result<ChatChannels::Settings> ChatChannels::read(const std::string& config_file,
                                                  const std::string& credentials) {
  Settings settings;
  Result<std::optional<teams::Config>> config = teams::load_config(config_file, credentials);
  if (!config) return config.error();
  settings.teams = std::move(*config);
  return {boost::system::in_place_value, std::move(settings)};
}

Result<std::unique_ptr<ChatChannels>> ChatChannels::create(boost::asio::any_io_executor executor,
                                                           Settings settings, Database& database,
                                                           ApprovalService& approvals) {
  auto channels = std::make_unique<ChatChannels>();
  if (!settings.teams) return channels;
  Result<http::ProxyRules> proxies = http::proxy_from_environment(
      [](const char* name) -> const char* { return ::secure_getenv(name); });
  if (!proxies) return in_context("proxy", proxies.error());
  if (settings.teams->mode == teams::Mode::workflow) {
    auto made = teams::WorkflowChannel::create(executor, std::move(*settings.teams), database,
                                               approvals, std::move(*proxies));
    if (!made) return made.error();
    channels->workflow_ = std::move(*made);
    approvals.add_channel(*channels->workflow_);
    return channels;
  }
  auto made = teams::TeamsChannel::create(executor, std::move(*settings.teams), database, approvals,
                                          std::move(*proxies));
  if (!made) return made.error();
  channels->teams_ = std::move(*made);
  approvals.add_channel(*channels->teams_);
  return channels;
}

Result<> ChatChannels::start() {
  if (workflow_) workflow_->start();
  return teams_ ? teams_->start() : Result<>();
}

void ChatChannels::people_changed() {
  if (teams_) teams_->people_changed();
}

void ChatChannels::stop() {
  if (teams_) teams_->stop();
  if (workflow_) workflow_->stop();
}

}  // namespace stayd
