// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/teams_channel.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "store/transaction.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kTokenPeriod{60};
constexpr unsigned kIntroduceEvery = 10;  // of those periods: for who could not be met before
constexpr std::size_t kMaxPlaces = 100;  // of a ticket; below ConversationStore::kMaxCardsOfATicket

Result<ClientCredentials> credentials_of(const Config& config) {
  const Result<http::Url> endpoint =
      http::parse_url("https://" + std::string(config.cloud->login_host) + "/" + config.tenant +
                      "/oauth2/v2.0/token");
  if (!endpoint) return endpoint.error();
  return ClientCredentials{*endpoint, config.app_id, std::string(config.cloud->scope),
                           config.proof};
}

bool is_excluded(const Ticket& ticket, const PersonId& person) {
  return std::ranges::any_of(ticket.excluded,
                             [&](const Excluded& each) { return each.person == person; });
}

}  // namespace

TeamsChannel::TeamsChannel(asio::any_io_executor executor, Config config, Database& database,
                           TicketApi& desk)
    : executor_(executor),
      config_(std::move(config)),
      database_(database),
      desk_(desk),
      conversations_(database),
      outbox_(database),
      token_timer_(executor) {}

Result<std::unique_ptr<TeamsChannel>> TeamsChannel::create(asio::any_io_executor executor,
                                                           Config config, Database& database,
                                                           TicketApi& desk,
                                                           http::ProxyRules proxies) {
  std::unique_ptr<TeamsChannel> channel(
      new TeamsChannel(executor, std::move(config), database, desk));
  if (Result<> connected = channel->connect(std::move(proxies)); !connected)
    return in_context("teams", connected.error());
  return channel;
}

Result<> TeamsChannel::connect(http::ProxyRules proxies) {
  if (Result<> loaded = conversations_.load(); !loaded) return loaded;
  if (conversations_.service_url().empty() && !config_.service_hosts.empty()) {
    const std::string usual = "https://" + config_.service_hosts.front() + "/teams/";
    if (Result<> kept = conversations_.put_service_url(usual); !kept) return kept;
  }
  http::ClientOptions options;
  options.ca_file = config_.ca_file;
  options.proxies = std::move(proxies);
  Result<std::unique_ptr<http::Client>> client = http::Client::create(executor_, options);
  if (!client) return client.error();
  client_ = std::move(*client);
  Result<ClientCredentials> credentials = credentials_of(config_);
  if (!credentials) return credentials.error();
  Result<std::unique_ptr<TokenSource>> tokens =
      TokenSource::create(executor_, client_, std::move(*credentials));
  if (!tokens) return tokens.error();
  tokens_ = std::move(*tokens);
  connector_ = std::make_unique<Connector>(client_, tokens_, config_);
  sender_ = std::make_shared<CardSender>(
      executor_, CardSenderDeps{conversations_, outbox_, *connector_, desk_, health_, config_});
  resolver_ = std::make_unique<Resolver>(executor_, *connector_);
  handler_ = std::make_unique<ActivityHandler>(ActivityHandler::Parts{
      config_, desk_, conversations_, *sender_, tests_, [this] { show_open_tickets(); }});
  return {};
}

TeamsChannel::~TeamsChannel() { stop(); }

Result<> TeamsChannel::start() {
  if (config_.mode == Mode::bot) {
    Result<std::unique_ptr<Endpoint>> endpoint =
        Endpoint::create(executor_, client_, config_, *handler_);
    if (!endpoint) return in_context("teams", endpoint.error());
    endpoint_ = std::move(*endpoint);
  }
  people_changed();
  check_token();
  return {};
}

void TeamsChannel::people_changed() {
  show_open_tickets();
  introduce();
}

void TeamsChannel::stop() {
  *alive_ = false;
  if (endpoint_) endpoint_->stop();
  token_timer_.cancel();
  if (sender_) sender_->stop();
  if (tokens_) tokens_->stop();
  if (client_) client_->stop();
}

std::string TeamsChannel::account_of(const Person& person) const {
  for (const Account& account : person.accounts) {
    const auto* teams = std::get_if<TeamsAccount>(&account);
    if (teams != nullptr && teams->tenant == config_.tenant) return teams->object;
  }
  return {};
}

// True if the person has, or could be given, a chat: also one whom the last message did not reach,
// because only the next one can tell whether that has changed.
bool TeamsChannel::can_try(const std::string& object) const {
  return conversations_.chat_of(object) != nullptr || !config_.channels.empty();
}

std::set<Place> TeamsChannel::places_of(const Ticket& ticket) const {
  std::set<Place> places;
  for (const auto& [group, channel] : config_.channels)
    if (ticket.asked.empty() || std::ranges::find(ticket.asked, group) != ticket.asked.end())
      places.insert("channel/" + channel);
  for (const Person* person : desk_.people().members(ticket.asked)) {
    if (places.size() >= kMaxPlaces) break;
    const std::string object = account_of(*person);
    if (!object.empty() && !is_excluded(ticket, person->id) && can_try(object))
      places.insert("user/" + object);
  }
  return places;
}

void TeamsChannel::show(const Ticket& ticket) {
  Shown& shown = shown_[ticket.id];
  shown.open = ticket.outcome == Outcome::open;
  if (!shown.open) sender_->forget(ticket.id);
  if (shown.open) shown.places = places_of(ticket);
}

Result<> TeamsChannel::keep() {
  const TimePoint now = wall_clock();
  for (const auto& [id, shown] : shown_) {
    std::set<Place> places = shown.open ? shown.places : std::set<Place>();
    Result<std::map<Place, PostedCard>> cards = conversations_.cards(id);
    if (!cards) return cards.error();
    for (const auto& [place, card] : *cards)
      if (!card.over) places.insert(place);
    for (const Place& place : places)
      if (Result<> put = sender_->put(id, place, shown.open, now); !put) return put;
  }
  return {};
}

void TeamsChannel::kept() {
  if (shown_.empty()) return;
  shown_.clear();
  sender_->wake();
}

// To those who can be reached now, and after a restart.
void TeamsChannel::show_open_tickets() {
  if (!*alive_) return;
  Result<Transaction> transaction = Transaction::begin(database_, Durability::normal);
  Result<> done = transaction ? Result<>() : transaction.error();
  for (const Ticket* ticket : desk_.open_tickets()) show(*ticket);
  if (done) done = keep();
  if (done) done = transaction->commit();
  // One that is not saved yet, for instance: with it all of them are kept.
  if (!done)
    return log_warning("teams: cards wait for the next ticket to be saved: {}",
                       done.error().message);
  shown_.clear();
  sender_->wake();
}

void TeamsChannel::announce(std::string_view text) {
  const TimePoint now = wall_clock();
  const std::string key = "announce-" + std::to_string(now.time_since_epoch().count()) + "-" +
                          std::to_string(++announcements_);
  std::set<Place> places;
  for (const auto& [group, channel] : config_.channels) places.insert("channel/" + channel);
  for (const Person* person : desk_.people().members({}))
    if (const std::string object = account_of(*person); !object.empty() && can_try(object))
      places.insert("user/" + object);
  for (const Place& place : places)
    if (Result<> put = sender_->put_text(key, place, std::string(text), now); !put)
      log_error("teams: {}", put.error().message);
  sender_->wake();
}

// Ticket 0: any question.
bool TeamsChannel::is_open_to(const Place& place, TicketId ticket) const {
  return !sender_->is_silent(place, wall_clock()) && sender_->why_not_shown(ticket, place).empty();
}

bool TeamsChannel::reaches_with(const Person& person, TicketId ticket) const {
  if (!health_.is_alive(Health::Time::clock::now())) return false;
  const std::string object = account_of(person);
  if (object.empty()) return false;
  const Chat* chat = conversations_.chat_of(object);
  if (chat != nullptr && !chat->conversation.empty() && is_open_to("user/" + object, ticket))
    return true;
  return std::ranges::any_of(config_.channels, [&](const auto& entry) {
    return desk_.people().is_in(person.id, entry.first) &&
           is_open_to("channel/" + entry.second, ticket);
  });
}

std::string TeamsChannel::trouble() const {
  if (!health_.trouble().empty()) return health_.trouble();
  if (endpoint_ && !endpoint_->trouble().empty()) return endpoint_->trouble();
  const std::string ticket = sender_->not_shown();
  const std::string people = trouble_with_people();
  return ticket + (ticket.empty() || people.empty() ? "" : "; ") + people;
}

std::string TeamsChannel::trouble_with_people() const {
  for (const auto& [group, channel] : config_.channels)
    if (const std::string why = sender_->trouble_of("channel/" + channel); !why.empty())
      return "the channel of " + group + " cannot be posted to: " + why;
  std::size_t unreached = 0;
  for (const Person* person : desk_.people().members({})) {
    const std::string object = account_of(*person);
    const Chat* chat = object.empty() ? nullptr : conversations_.chat_of(object);
    unreached += !object.empty() && (chat == nullptr || !chat->why_not.empty() ||
                                     !sender_->trouble_of("user/" + object).empty());
  }
  if (unreached == 0) return {};
  return std::to_string(unreached) +
         " of those with an account cannot be reached in a chat of "
         "their own; stayctl teams says who";
}

// A chat with everybody who could be asked, so that it is known whom a question would reach.
void TeamsChannel::introduce() {
  for (const Person* person : desk_.people().members({})) {
    const std::string object = account_of(*person);
    const Chat* chat = object.empty() ? nullptr : conversations_.chat_of(object);
    const bool known = chat != nullptr && !chat->conversation.empty();
    if (object.empty() || known || !can_try(object)) continue;
    auto meet = [](std::shared_ptr<CardSender> sender, std::string who) -> asio::awaitable<void> {
      co_await sender->meet(std::move(who));
    };
    asio::co_spawn(executor_, meet(sender_, object), asio::detached);
  }
}

// Without any question under way nobody would notice that none could be sent.
void TeamsChannel::check_token() {
  auto ask = [](TeamsChannel& self, std::shared_ptr<bool> alive) -> asio::awaitable<void> {
    const std::shared_ptr<TokenSource> tokens = self.tokens_;
    const Result<std::string> token = co_await tokens->token();
    if (!*alive) co_return;
    if (!token) self.health_.failed(token.error(), Health::Time::clock::now());
    if (token && self.health_.lacks_token()) self.health_.worked();
  };
  asio::co_spawn(executor_, ask(*this, alive_), asio::detached);
  token_timer_.expires_after(kTokenPeriod);
  token_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    if (++periods_ % kIntroduceEvery == 0) introduce();
    check_token();
  });
}

}  // namespace stayd::teams
