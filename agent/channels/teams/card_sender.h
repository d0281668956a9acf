// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>

#include "channels/teams/connector.h"
#include "channels/teams/conversation_store.h"
#include "channels/teams/health.h"
#include "channels/teams/request_scheduler.h"
#include "channels/ticket_api.h"
#include "store/outbox.h"

namespace stayd::teams {

// The parts that the card sender works with; all of them must live until stop().
struct CardSenderDeps {
  ConversationStore& conversations;
  Outbox& outbox;
  Connector& connector;
  TicketApi& desk;
  Health& health;
  const Config& config;
};

// Makes the cards of Teams show their tickets. What is to be said is in the outbox, so a crash
// loses nothing: at worst a card is posted twice, if the process ended, or nothing was heard,
// while it was posted. A card shows the ticket as it is when it is sent; several changes in a row
// are one update. One thread, that of the executor.
class CardSender : public std::enable_shared_from_this<CardSender> {
 public:
  static constexpr std::size_t kMaxAtOnce = 1024;  // items that are under way or wait
  static constexpr std::size_t kMaxReplies = 64;   // that wait; more are not said
  static constexpr std::chrono::seconds kBetweenUpdates{5};
  // After so long somebody whom a message did not reach is taken to be reached again, so that the
  // next one is tried.
  static constexpr std::chrono::minutes kForget{3};

  CardSender(boost::asio::any_io_executor executor, CardSenderDeps deps);

  // The card at that place is to show the ticket. For the transaction that saves the ticket; then
  // wake().
  Result<> put(TicketId ticket, const Place& place, bool is_open, TimePoint now);
  Result<> put_text(const std::string& key, const Place& place, const std::string& text,
                    TimePoint now);
  void wake();
  // The ticket has ended: it need not be shown to anybody any more.
  void forget(TicketId ticket);

  // An answer to somebody who wrote to us: not kept over a restart.
  void say(const Place& place, const std::string& service_url, const std::string& conversation,
           nlohmann::json activity);

  // Posts a card of the channel's own at once: its conversation and id, or what went wrong. Not
  // kept over a restart.
  boost::asio::awaitable<Delivered> post(Place place, nlohmann::json activity);

  // Makes the person's chat with the bot known.
  boost::asio::awaitable<void> meet(std::string object);

  // Says why the last message for that person or channel did not get there; empty: it did, or there
  // was none since the start.
  std::string trouble_of(const Place& place) const;
  // True if that was so lately that the next one is not expected to get there either.
  bool is_silent(const Place& place, TimePoint now) const;
  // Says why the ticket is not shown there, and will not be until it changes; empty: it is, or may
  // be.
  std::string why_not_shown(TicketId ticket, const Place& place) const;
  // One for whom that is so, for status: "ticket 17 is not shown to user/…: status 400"; empty:
  // none.
  std::string not_shown() const;

  // Nothing is sent any more.
  void stop();

 private:
  enum class Task : std::uint8_t { nothing, post, update, note };
  struct Plan {
    Task task = Task::nothing;
    bool over = false;
    PostedCard card;
    nlohmann::json activity;
    std::string content;  // digest of what the card shows
  };
  struct Item {
    OutboxItem outbox{};
    TicketId ticket = 0;
    Place place{};
  };

  static std::string key_of(TicketId ticket, const Place& place);
  static std::optional<Item> read(OutboxItem item);
  void take();
  void begin(Item item);
  void arm(TimePoint due);
  boost::asio::awaitable<void> run(Item item);
  boost::asio::awaitable<Delivered> deliver(const Item& item);
  boost::asio::awaitable<Delivered> deliver_text(const Item& item);
  boost::asio::awaitable<Delivered> perform(const Item& item, Plan plan);
  bool may_shorten(const Item& item, Delivery what);
  void note_ticket(const Item& item, Task task, const Delivered& delivered);
  boost::asio::awaitable<Delivered> reply(Place place, std::string service_url,
                                          std::string conversation, nlohmann::json activity);
  boost::asio::awaitable<Delivered> find_chat(std::string object);
  void finish(const Item& item, const Delivered& delivered);

  // Returns what has to be done, without the card to show.
  Result<Plan> outline(TicketId ticket, const Place& place);
  Result<Plan> plan(TicketId ticket, const Place& place);
  void keep(const Item& item, const PostedCard& card);
  void note(const Delivered& delivered, const Place& place);

  boost::asio::any_io_executor executor_;
  CardSenderDeps deps_;
  RequestScheduler scheduler_;
  boost::asio::steady_timer timer_;
  std::map<std::string, std::optional<Item>> busy_;  // by key; the item that arrived while it ran
  std::map<std::string, TimePoint> updated_;         // by key, cards of open tickets
  struct Failure {
    std::string why;
    TimePoint when;
  };
  std::map<Place, Failure> silent_;               // whose last message failed for good
  std::map<std::string, std::size_t> shortened_;  // by key: CardOptions::shorter
  std::map<std::string, std::string> not_shown_;  // by key, of open tickets: why
  std::size_t replies_ = 0;
  std::minstd_rand random_{std::random_device()()};
  bool stopped_ = false;
};

// Entra's object id of "user/OBJECT", the channel of "channel/ID"; empty if the place is of the
// other kind.
std::string user_of(const Place& place);
std::string channel_of(const Place& place);

}  // namespace stayd::teams
