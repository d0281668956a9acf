// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "channels/channel.h"
#include "channels/teams/activity_handler.h"
#include "channels/teams/card_sender.h"
#include "channels/teams/conversation_store.h"
#include "channels/teams/endpoint.h"
#include "channels/teams/health.h"
#include "channels/teams/resolver.h"
#include "channels/teams/test_cards.h"
#include "channels/teams_service.h"
#include "channels/ticket_api.h"
#include "http/client/proxy.h"
#include "store/outbox.h"

namespace stayd::teams {

// Microsoft Teams in the modes `bot` and `notify`: a card for each person who is asked and has
// the bot, and one in the channel of each group that is asked.
class TeamsChannel final : public Channel, public TeamsService {
 public:
  // Reads what an earlier process left. `database` and `desk` must live as long as the executor
  // runs. Nothing is sent before start().
  static Result<std::unique_ptr<TeamsChannel>> create(boost::asio::any_io_executor executor,
                                                      Config config, Database& database,
                                                      TicketApi& desk, http::ProxyRules proxies);
  ~TeamsChannel() override;

  // Once the desk knows what an earlier process left: listens, brings the cards of open tickets
  // up to date, and gets to know whom it could reach.
  Result<> start();
  // Must be called after people.yaml was reloaded: tickets may now be for other people.
  void people_changed();
  // Sends and receives nothing any more.
  void stop();

  std::string_view name() const override { return "teams"; }
  void show(const Ticket& ticket) override;
  Result<> keep() override;
  void kept() override;
  void announce(std::string_view text) override;
  bool reaches(const Person& person) const override { return reaches_with(person, 0); }
  bool reaches_with(const Person& person, TicketId ticket) const override;
  std::string trouble() const override;

  nlohmann::json overview() override;
  Result<nlohmann::json> begin_test(const std::string& person) override;
  Result<nlohmann::json> test(const std::string& id) override;
  Result<nlohmann::json> resolve(const std::string& user) override;

  std::uint16_t port() const { return endpoint_ ? endpoint_->port() : 0; }

 private:
  struct Shown {
    bool open = false;
    std::set<Place> places;
  };

  TeamsChannel(boost::asio::any_io_executor executor, Config config, Database& database,
               TicketApi& desk);
  Result<> connect(http::ProxyRules proxies);
  std::set<Place> places_of(const Ticket& ticket) const;
  bool can_try(const std::string& object) const;
  bool is_open_to(const Place& place, TicketId ticket) const;
  std::string trouble_with_people() const;
  std::string account_of(const Person& person) const;  // Entra's object id; empty: none
  void show_open_tickets();
  void introduce();
  void check_token();
  boost::asio::awaitable<void> post_test(std::string id, Place place);

  boost::asio::any_io_executor executor_;
  Config config_;
  Database& database_;
  TicketApi& desk_;
  ConversationStore conversations_;
  Outbox outbox_;
  Health health_;
  TestCards tests_;
  std::shared_ptr<http::Client> client_;
  std::shared_ptr<TokenSource> tokens_;
  std::unique_ptr<Connector> connector_;
  std::shared_ptr<CardSender> sender_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<ActivityHandler> handler_;
  std::unique_ptr<Endpoint> endpoint_;  // of mode bot
  boost::asio::steady_timer token_timer_;
  std::map<TicketId, Shown> shown_;  // not yet kept
  std::uint64_t announcements_ = 0;
  unsigned periods_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is under way
};

}  // namespace stayd::teams
