// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/untrusted.h"
#include "channels/teams/activity.h"
#include "channels/teams/card_sender.h"
#include "channels/teams/command.h"
#include "channels/teams/config.h"
#include "channels/teams/conversation_store.h"
#include "channels/teams/test_cards.h"
#include "channels/ticket_api.h"
#include "http/message.h"

namespace stayd::teams {

// Does what people ask through Teams, once the activity is known to be from there. Returns at
// once: a decision is durable by then, and waits for no update of a card. One thread; what it is
// made of must outlive it.
class ActivityHandler {
 public:
  struct Parts {
    const Config& config;
    TicketApi& desk;
    ConversationStore& conversations;
    CardSender& sender;
    TestCards& tests;
    // Somebody can be reached who could not before.
    std::function<void()> arrived;
  };
  explicit ActivityHandler(Parts parts) : parts_(std::move(parts)) {}

  http::Reply receive(const Activity& activity, TimePoint now);

 private:
  http::Reply receive_click(const Activity& activity, TimePoint now);
  http::Reply receive_test(const Activity& activity);
  void receive_text(const Activity& activity, TimePoint now);
  void receive_command(const Activity& activity, const Command& command, TimePoint now);
  void list_pending(const Activity& activity, TimePoint now);
  void show(const Activity& activity, TicketId id);

  void note_presence(const Activity& activity);
  void note_members(const Activity& activity);
  void note_place(const Activity& activity, TicketId id);
  void say(const Activity& activity, const Shown& title, const std::vector<Shown>& lines);
  http::Reply answer_click(const Activity& activity, const std::string& text);
  Result<const Ticket*> decide(Answer answer, TimePoint now);

  Parts parts_;
};

}  // namespace stayd::teams
