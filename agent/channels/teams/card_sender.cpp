// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/card_sender.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <charconv>

#include "base/log.h"
#include "channels/teams/card.h"
#include "http/client/backoff.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr std::string_view kChannel = "teams";
constexpr std::string_view kUser = "user/";
constexpr std::string_view kTeamChannel = "channel/";
// An item that nobody finishes, because the process ended, is taken again after this time.
constexpr std::chrono::minutes kLease{1};
constexpr std::chrono::seconds kAfterFailure{5};  // of the store
constexpr http::Backoff kBackoff{std::chrono::seconds(1), std::chrono::minutes(1)};

}  // namespace

std::string user_of(const Place& place) {
  return place.starts_with(kUser) ? place.substr(kUser.size()) : std::string();
}

std::string channel_of(const Place& place) {
  return place.starts_with(kTeamChannel) ? place.substr(kTeamChannel.size()) : std::string();
}

CardSender::CardSender(asio::any_io_executor executor, CardSenderDeps deps)
    : executor_(executor), deps_(deps), scheduler_(executor), timer_(executor) {}

Result<> CardSender::put(TicketId ticket, const Place& place, bool is_open, TimePoint now) {
  const std::string key = key_of(ticket, place);
  if (!is_open) updated_.erase(key);
  TimePoint due = now;
  const auto updated = updated_.find(key);
  if (updated != updated_.end()) due = std::max(due, updated->second + kBetweenUpdates);
  const Result<OutboxId> put = deps_.outbox.put(kChannel, key, json::object(), due, ticket);
  if (!put) return put.error();
  return {};
}

Result<> CardSender::put_text(const std::string& key, const Place& place, const std::string& text,
                              TimePoint now) {
  const Result<OutboxId> put = deps_.outbox.put(kChannel, key + " " + place, {{"text", text}}, now);
  if (!put) return put.error();
  return {};
}

std::string CardSender::key_of(TicketId ticket, const Place& place) {
  return std::to_string(ticket) + " " + place;
}

void CardSender::forget(TicketId ticket) {
  std::erase_if(not_shown_, [begin = key_of(ticket, "")](const auto& each) {
    return each.first.starts_with(begin);
  });
}

std::optional<CardSender::Item> CardSender::read(OutboxItem outbox) {
  Item item{.outbox = std::move(outbox)};
  const std::string& key = item.outbox.key;
  const std::size_t space = key.find(' ');
  if (space == key.npos) return std::nullopt;
  item.place = key.substr(space + 1);
  if (item.outbox.body.contains("text")) return item;
  const auto [end, error] = std::from_chars(key.data(), key.data() + space, item.ticket);
  if (error != std::errc() || end != key.data() + space) return std::nullopt;
  return item;
}

void CardSender::wake() {
  if (!stopped_) take();
}

void CardSender::take() {
  const TimePoint now = wall_clock();
  if (busy_.size() < kMaxAtOnce) {
    Result<std::vector<OutboxItem>> due =
        deps_.outbox.take_due(kChannel, now, now + kLease, kMaxAtOnce - busy_.size());
    if (!due) {
      log_error("teams: {}", due.error().message);
      return arm(now + kAfterFailure);
    }
    for (OutboxItem& each : *due) {
      const OutboxId id = each.id;
      if (std::optional<Item> item = read(std::move(each)))
        begin(std::move(*item));
      else
        (void)deps_.outbox.remove(id);  // of another version
    }
  }
  const Result<std::optional<TimePoint>> next = deps_.outbox.next_due(kChannel);
  if (!next || !*next || busy_.size() >= kMaxAtOnce) return;
  arm(**next);
}

// Runs one item per key at a time; of those that arrive while it runs, only the last is kept.
void CardSender::begin(Item item) {
  const auto [busy, is_new] = busy_.try_emplace(item.outbox.key);
  if (!is_new) {
    busy->second = std::move(item);
    return;
  }
  asio::co_spawn(executor_, run(std::move(item)), asio::detached);
}

void CardSender::arm(TimePoint due) {
  timer_.expires_after(std::max(due - wall_clock(), std::chrono::milliseconds(1)));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<CardSender> self = weak.lock();
    if (!error && self && !self->stopped_) self->take();
  });
}

asio::awaitable<void> CardSender::run(Item item) {
  const std::shared_ptr<CardSender> self = shared_from_this();
  const Delivered delivered =
      item.ticket == 0 ? co_await deliver_text(item) : co_await deliver(item);
  if (stopped_) co_return;
  finish(item, delivered);
}

void CardSender::finish(const Item& item, const Delivered& delivered) {
  Result<> noted;
  if (delivered.what == Delivery::again) {
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto failures = static_cast<unsigned>(std::min<std::int64_t>(item.outbox.attempts, 32));
    const auto delay = std::max(delivered.wait, kBackoff.delay(failures, random));
    noted = deps_.outbox.snooze(item.outbox.id, wall_clock() + delay);
  } else {
    noted = deps_.outbox.remove(item.outbox.id);
  }
  if (!noted) log_error("teams: {}", noted.error().message);
  const Ticket* ticket = deps_.desk.find(item.ticket);
  if (ticket == nullptr || ticket->outcome != Outcome::open) {
    shortened_.erase(item.outbox.key);
    not_shown_.erase(item.outbox.key);
  }
  const auto busy = busy_.find(item.outbox.key);
  std::optional<Item> next = std::move(busy->second);
  busy_.erase(busy);
  // The same, when its lease ended while it waited, is due when it is.
  if (next && next->outbox.id != item.outbox.id) begin(std::move(*next));
  take();
}

asio::awaitable<void> CardSender::meet(std::string object) {
  const std::shared_ptr<CardSender> self = shared_from_this();
  (void)co_await find_chat(std::move(object));
}

asio::awaitable<Delivered> CardSender::deliver_text(const Item& item) {
  const auto text = item.outbox.body.find("text");
  const std::string said = text->is_string() ? text->get<std::string>() : "";
  const std::string summary = "A message of stayd";
  co_return co_await post(item.place,
                          activity_with(text_card(escape(Untrusted(said)), {}), summary));
}

asio::awaitable<Delivered> CardSender::post(Place place, json activity) {
  const std::shared_ptr<CardSender> self = shared_from_this();
  const std::string user = user_of(place);
  if (!user.empty()) {
    const Delivered found = co_await find_chat(user);
    if (stopped_ || found.what != Delivery::done) co_return found;
  }
  const Chat* chat = deps_.conversations.chat_of(user);
  co_return co_await reply(place,
                           chat != nullptr ? chat->service_url : deps_.conversations.service_url(),
                           chat != nullptr ? chat->conversation : "", std::move(activity));
}

// Without a conversation: a new thread of the channel.
asio::awaitable<Delivered> CardSender::reply(Place place, std::string service_url,
                                             std::string conversation, json activity) {
  const std::shared_ptr<CardSender> self = shared_from_this();
  const bool passed = co_await scheduler_.wait(place, Priority::text);
  if (!passed) co_return Delivered{.what = Delivery::again};
  Delivered delivered;
  if (conversation.empty())
    delivered =
        co_await deps_.connector.begin_thread(service_url, channel_of(place), std::move(activity));
  else
    delivered = co_await deps_.connector.post(service_url, conversation, std::move(activity));
  if (stopped_) co_return delivered;
  scheduler_.answered(place, delivered.wait);
  note(delivered, place);
  co_return delivered;
}

void CardSender::say(const Place& place, const std::string& service_url,
                     const std::string& conversation, json activity) {
  if (stopped_ || replies_ >= kMaxReplies) return;
  ++replies_;
  auto done = [self = shared_from_this()](const std::exception_ptr&, const Delivered&) {
    --self->replies_;
  };
  asio::co_spawn(executor_, reply(place, service_url, conversation, std::move(activity)),
                 std::move(done));
}

void CardSender::note(const Delivered& delivered, const Place& place) {
  switch (delivered.what) {
    case Delivery::done:
      deps_.health.worked();
      silent_.erase(place);
      if (const Chat* chat = deps_.conversations.chat_of(user_of(place));
          chat && !chat->why_not.empty()) {
        Chat reached = *chat;
        reached.why_not.clear();
        if (Result<> kept = deps_.conversations.put_chat(user_of(place), reached); !kept)
          log_error("teams: {}", kept.error().message);
      }
      break;
    case Delivery::gone:
      deps_.health.worked();
      break;
    case Delivery::again:
    case Delivery::unauthorized:
      deps_.health.failed(delivered.failure(), Health::Time::clock::now());
      break;
    case Delivery::unreachable: {
      deps_.health.worked();
      silent_[place] = {delivered.error, wall_clock()};
      const std::string user = user_of(place);
      const Chat* chat = deps_.conversations.chat_of(user);
      if (chat == nullptr) {
        log_warning("teams: {} cannot be reached: {}", place, delivered.error);
        break;
      }
      Chat blocked = *chat;
      if (blocked.why_not.empty())
        log_warning("teams: {} cannot be reached: {}", place, delivered.error);
      blocked.why_not = delivered.error;
      if (Result<> kept = deps_.conversations.put_chat(user, blocked); !kept)
        log_error("teams: {}", kept.error().message);
      break;
    }
    case Delivery::too_large:
    case Delivery::refused:
      deps_.health.worked();
      silent_[place] = {delivered.error, wall_clock()};
      log_error("teams: Teams refused a message for {}: {}", place, delivered.error);
      break;
  }
}

std::string CardSender::trouble_of(const Place& place) const {
  const auto silent = silent_.find(place);
  return silent == silent_.end() ? std::string() : silent->second.why;
}

bool CardSender::is_silent(const Place& place, TimePoint now) const {
  const auto silent = silent_.find(place);
  return silent != silent_.end() && now - silent->second.when < kForget;
}

std::string CardSender::why_not_shown(TicketId ticket, const Place& place) const {
  const auto known = not_shown_.find(key_of(ticket, place));
  return known == not_shown_.end() ? std::string() : known->second;
}

std::string CardSender::not_shown() const {
  if (not_shown_.empty()) return {};
  const auto& [key, why] = *not_shown_.begin();
  const std::size_t space = key.find(' ');
  const std::size_t more = not_shown_.size() - 1;
  return "ticket " + key.substr(0, space) + " is not shown to " + key.substr(space + 1) + ": " +
         why + (more > 0 ? ", and " + std::to_string(more) + " more like it" : "");
}

void CardSender::stop() {
  stopped_ = true;
  timer_.cancel();
  scheduler_.stop();
}

}  // namespace stayd::teams
