// SPDX-License-Identifier: Apache-2.0
// What administrators ask.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "channels/teams/card.h"
#include "channels/teams/teams_channel.h"

namespace stayd::teams {

namespace asio = boost::asio;
using nlohmann::json;

json TeamsChannel::overview() {
  json people = json::array();
  std::set<std::string> known;
  for (const Person* person : desk_.people().members({})) {
    const std::string object = account_of(*person);
    if (object.empty()) continue;
    known.insert(object);
    const Chat* chat = conversations_.chat_of(object);
    const bool has_chat = chat != nullptr && !chat->conversation.empty();
    std::string why = chat != nullptr ? chat->why_not : "has not installed the bot";
    if (why.empty()) why = sender_->trouble_of("user/" + object);
    people.push_back({{"person", escape(person->id)},
                      {"name", escape(person->name)},
                      {"object", object},
                      {"reached", has_chat && why.empty()},
                      {"trouble", has_chat ? escape(why) : "has no chat with the bot"}});
  }
  json channels = json::array();
  for (const auto& [group, channel] : config_.channels)
    channels.push_back({{"group", escape(group)},
                        {"channel", escape(channel)},
                        {"trouble", escape(sender_->trouble_of("channel/" + channel))}});
  json others = json::array();
  for (const auto& [object, chat] : conversations_.chats())
    if (!known.contains(object)) others.push_back(object);
  const std::string address = config_.address.find(':') == std::string::npos
                                  ? config_.address
                                  : "[" + config_.address + "]";
  return {{"mode", config_.mode == Mode::bot ? "bot" : "notify"},
          {"trouble", escape(trouble())},
          {"listen", endpoint_ ? json(address + ":" + std::to_string(port())) : json(nullptr)},
          {"people", std::move(people)},
          {"channels", std::move(channels)},
          {"others", std::move(others)}};
}

Result<json> TeamsChannel::begin_test(const std::string& person_id) {
  if (config_.mode != Mode::bot) return Error{"only in mode bot cards have buttons"};
  std::set<Place> places;
  if (person_id.empty())
    for (const auto& [group, channel] : config_.channels) places.insert("channel/" + channel);
  for (const Person* person : desk_.people().members({})) {
    const std::string object = account_of(*person);
    if (object.empty() || (!person_id.empty() && person->id != person_id)) continue;
    if (!person_id.empty() || can_try(object)) places.insert("user/" + object);
  }
  if (places.empty())
    return Error{person_id.empty() ? "there is nobody to post it to: no channel, and nobody in "
                                     "people.yaml who has installed the bot"
                                   : escape(person_id) + " has no account of this tenant"};
  Result<std::string> id = tests_.add();
  if (!id) return id.error();
  tests_.find(*id)->under_way = places.size();
  for (const Place& place : places)
    asio::co_spawn(executor_, post_test(*id, place), asio::detached);
  return test(*id);
}

asio::awaitable<void> TeamsChannel::post_test(std::string id, Place place) {
  const std::shared_ptr<bool> alive = alive_;
  const std::shared_ptr<CardSender> sender = sender_;
  const TestCards::Test* before = tests_.find(id);
  if (before == nullptr) co_return;
  const Delivered posted = co_await sender->post(
      place, activity_with(test_card(id, before->nonce, {}), "Test request " + id));
  if (!*alive) co_return;
  TestCards::Test* test = tests_.find(id);
  if (test == nullptr) co_return;
  --test->under_way;
  if (posted.what != Delivery::done) {
    test->problems.push_back(place + ": " + posted.error);
    co_return;
  }
  test->cards[place] = {.conversation = posted.conversation,
                        .service_url = {},
                        .activity = posted.activity,
                        .nonce = test->nonce,
                        .digest = id,
                        .shown = {}};
}

Result<json> TeamsChannel::test(const std::string& id) {
  const TestCards::Test* test = tests_.find(id);
  if (test == nullptr) return Error{"there is no test " + escape(id)};
  return {boost::system::in_place_value, to_json(*test)};
}

Result<json> TeamsChannel::resolve(const std::string& user) {
  std::vector<std::string> conversations;
  for (const auto& [group, channel] : config_.channels) conversations.push_back(channel);
  for (const auto& [object, chat] : conversations_.chats())
    if (!chat.conversation.empty() && conversations.size() < 8)
      conversations.push_back(chat.conversation);
  return resolver_->resolve(user, std::move(conversations), conversations_.service_url());
}

}  // namespace stayd::teams
