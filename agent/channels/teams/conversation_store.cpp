// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/conversation_store.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::string_view kChats = "teams";
constexpr std::string_view kCards = "teams-cards";
constexpr std::string_view kServiceUrl = "service_url";  // beside the chats: no GUID

json to_json(const Chat& chat) {
  return {{"conversation", chat.conversation},
          {"member", chat.member},
          {"service_url", chat.service_url},
          {"why_not", chat.why_not}};
}

Chat chat_from(const json& value) {
  return {text_at(value, "conversation"), text_at(value, "member"), text_at(value, "service_url"),
          text_at(value, "why_not")};
}

json to_json(const PostedCard& card) {
  return {{"conversation", card.conversation},
          {"service_url", card.service_url},
          {"activity", card.activity},
          {"nonce", card.nonce},
          {"digest", card.digest},
          {"shown", card.shown},
          {"begun", card.begun},
          {"over", card.over}};
}

PostedCard card_from(const json& value) {
  return {.conversation = text_at(value, "conversation"),
          .service_url = text_at(value, "service_url"),
          .activity = text_at(value, "activity"),
          .nonce = text_at(value, "nonce"),
          .digest = text_at(value, "digest"),
          .shown = text_at(value, "shown"),
          .begun = value.value("begun", true),
          .over = value.value("over", false)};
}

}  // namespace

Result<> ConversationStore::load() {
  const Result<std::map<std::string, json>> all = references_.all(kChats);
  if (!all) return all.error();
  for (const auto& [key, value] : *all) {
    if (key == kServiceUrl)
      service_url_ = text_at(value, "url");
    else
      chats_.emplace(key, chat_from(value));
  }
  return {};
}

const Chat* ConversationStore::chat_of(const std::string& object) const {
  const auto found = chats_.find(object);
  return found == chats_.end() ? nullptr : &found->second;
}

Result<> ConversationStore::put_chat(const std::string& object, const Chat& chat) {
  const auto found = chats_.find(object);
  if (found == chats_.end() && chats_.size() >= kMaxChats)
    return Error{"more than 10000 people have installed the bot"};
  chats_.insert_or_assign(object, chat);
  return references_.put(kChats, object, to_json(chat));
}

Result<> ConversationStore::remove_chat(const std::string& object) {
  chats_.erase(object);
  return references_.remove(kChats, object);
}

Result<> ConversationStore::put_service_url(const std::string& url) {
  if (url == service_url_) return {};
  service_url_ = url;
  return references_.put(kChats, kServiceUrl, {{"url", url}});
}

Result<std::map<Place, PostedCard>> ConversationStore::cards(TicketId ticket) {
  std::map<Place, PostedCard> cards;
  const Result<std::optional<json>> stored = references_.find(kCards, std::to_string(ticket));
  if (!stored) return stored.error();
  if (*stored && (*stored)->is_object())
    for (const auto& [place, card] : (*stored)->items()) cards.emplace(place, card_from(card));
  return {boost::system::in_place_value, std::move(cards)};
}

Result<> ConversationStore::put_card(TicketId ticket, const Place& place, const PostedCard& card) {
  const std::string key = std::to_string(ticket);
  Result<std::optional<json>> stored = references_.find(kCards, key);
  if (!stored) return stored.error();
  json cards = *stored ? std::move(**stored) : json::object();
  if (!cards.contains(place) && cards.size() >= kMaxCardsOfATicket)
    return Error{"ticket " + key + " has too many cards"};
  cards[place] = to_json(card);
  return references_.put(kCards, key, cards, ticket);
}

}  // namespace stayd::teams
