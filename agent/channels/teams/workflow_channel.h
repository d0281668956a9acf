// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "channels/channel.h"
#include "channels/teams/config.h"
#include "channels/teams/health.h"
#include "channels/ticket_api.h"
#include "http/client/client.h"
#include "http/client/proxy.h"
#include "store/outbox.h"

namespace stayd::teams {

// Microsoft Teams in the mode `workflow`: a Power Automate workflow posts each question, and how
// it ended, where its owner wanted. Nothing is updated and nothing comes back, and an accepted
// request does not prove that anything was shown; so nobody counts as reached by it. The
// workflow's URL is a secret, read anew each time, and never logged.
class WorkflowChannel final : public Channel {
 public:
  // As TeamsChannel::create().
  static Result<std::unique_ptr<WorkflowChannel>> create(boost::asio::any_io_executor executor,
                                                         Config config, Database& database,
                                                         TicketApi& desk, http::ProxyRules proxies);
  ~WorkflowChannel() override { stop(); }
  void start();
  void stop();

  std::string_view name() const override { return "teams"; }
  void show(const Ticket& ticket) override { shown_[ticket.id] = ticket.outcome == Outcome::open; }
  Result<> keep() override;
  void kept() override;
  void announce(std::string_view text) override;
  bool reaches(const Person&) const override { return false; }
  std::string trouble() const override { return health_.trouble(); }

 private:
  WorkflowChannel(boost::asio::any_io_executor executor, Config config, Database& database,
                  TicketApi& desk, std::shared_ptr<http::Client> client);
  void wake();
  static boost::asio::awaitable<void> send_due(WorkflowChannel& self, std::shared_ptr<bool> alive);
  nlohmann::json message_for(const OutboxItem& item) const;
  Result<http::Url> url() const;

  boost::asio::any_io_executor executor_;
  Config config_;
  TicketApi& desk_;
  Outbox outbox_;
  Health health_;
  std::shared_ptr<http::Client> client_;
  boost::asio::steady_timer timer_;
  std::map<TicketId, bool> shown_;  // whether they are open; not yet kept
  bool sending_ = false;
  std::uint64_t announcements_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// True if a workflow may be there: only such hosts are sent anything.
bool is_workflow_host(std::string_view host);

}  // namespace stayd::teams
