// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd::teams {

// A press of a button on a card, whichever way it came: Action.Execute as an invoke, or
// Action.Submit of an old client as a message.
struct Click {
  std::string verb;        // "stayd.approve"
  std::string subject;     // what the card is about: a ticket's id, …
  std::string nonce;       // of the card
  std::string scope;       // "once", or "chosen": as `duration` says
  std::string duration;    // what was chosen of a list
  std::string reason;      // what was typed
  bool automatic = false;  // a client that refreshes a card, and no person
};

// The name of somebody in a text: "<at>stayd</at>".
struct Mention {
  std::string id;
  std::string text;
};

// A message from Teams. All of it is foreign bytes; nothing here says who sent it.
struct Activity {
  static constexpr std::size_t kMaxId = 1024;
  static constexpr std::size_t kMaxText = 8192;

  std::string type;    // "invoke", "message", "installationUpdate", …
  std::string name;    // of an invoke
  std::string action;  // of an installationUpdate: "add", "remove", "remove-upgrade", …
  std::string id;
  std::string channel_id;  // "msteams"
  std::string service_url;
  std::string conversation;       // without ";messageid=…", which names a thread of it
  std::string thread;             // with it: where an answer goes
  std::string conversation_type;  // "personal", "channel", "groupChat"; may be left out
  bool is_group = false;
  std::string conversation_tenant;  // each of the two may be left out
  std::string channel_tenant;
  std::string channel;        // of a team
  std::string sender;         // the bot's own name for them, for conversations; no identity
  std::string sender_object;  // Entra's, a canonical GUID; empty: none
  std::string recipient;
  std::string reply_to;                     // stamped by the client: a hint, and no key
  std::vector<std::string> added, removed;  // of a conversationUpdate: ids of members
  std::string text;
  std::vector<Mention> mentions;
  std::optional<Click> click;

  bool is_personal() const {
    return conversation_type == "personal" ||
           (conversation_type.empty() && channel.empty() && !is_group);
  }
};

// Strict: a member that we read and that is of another type, or too long, is an error, as are
// JSON that is nested deeply and a member that is there twice. What we do not read does not
// matter. Errors repeat nothing of the text.
Result<Activity> parse_activity(std::string_view json);

// "19:abc@thread.tacv2;messageid=1" without what follows the ';'.
std::string_view without_thread(std::string_view conversation);

}  // namespace stayd::teams
