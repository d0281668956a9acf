// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "channels/teams/posted.h"
#include "store/references.h"
#include "tickets/ticket.h"

namespace stayd::teams {

// The chat between one person and the bot, in which the person is reached.
struct Chat {
  std::string conversation;  // empty: to be made
  std::string member;        // the person, as Teams names them to this bot
  std::string service_url;
  std::string why_not;  // empty: they can be reached; else why not
};

// Keeps what the channel has to know again after a restart: who can be reached, and which cards
// show which ticket. One thread; all but the cards is read from memory.
class ConversationStore {
 public:
  static constexpr std::size_t kMaxChats = 10'000;
  static constexpr std::size_t kMaxCardsOfATicket = 128;

  explicit ConversationStore(Database& database) : references_(database) {}
  Result<> load();

  const std::map<std::string, Chat>& chats() const { return chats_; }  // by Entra's object id
  const Chat* chat_of(const std::string& object) const;
  // Beyond kMaxChats: an error.
  Result<> put_chat(const std::string& object, const Chat& chat);
  Result<> remove_chat(const std::string& object);

  // The newest that was believed; for conversations without one of their own.
  const std::string& service_url() const { return service_url_; }
  Result<> put_service_url(const std::string& url);

  Result<std::map<Place, PostedCard>> cards(TicketId ticket);
  // Of a ticket that is saved.
  Result<> put_card(TicketId ticket, const Place& place, const PostedCard& card);

 private:
  References references_;
  std::map<std::string, Chat> chats_;
  std::string service_url_;
};

}  // namespace stayd::teams
