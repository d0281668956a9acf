// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "unit/channels/teams/fake_teams.h"

namespace stayd::test {

// As Teams sends it from the chat of Alice with the bot.
inline nlohmann::json an_activity(const std::string& type) {
  return {{"type", type},
          {"id", "f:1"},
          {"channelId", "msteams"},
          {"serviceUrl", FakeTeams::kService},
          {"from", {{"id", "29:alice"}, {"name", "Alice"}, {"aadObjectId", FakeTeams::kAlice}}},
          {"recipient", {{"id", std::string("28:") + FakeTeams::kApp}, {"name", "stayd"}}},
          {"conversation",
           {{"id", "a:alice"}, {"conversationType", "personal"}, {"tenantId", FakeTeams::kTenant}}},
          {"channelData", {{"tenant", {{"id", FakeTeams::kTenant}}}}}};
}

inline nlohmann::json an_installation(const std::string& action = "add") {
  nlohmann::json activity = an_activity("installationUpdate");
  activity["action"] = action;
  return activity;
}

// The button of that title on an Adaptive Card, pressed; wherever it is.
inline nlohmann::json a_click(const nlohmann::json& card, const std::string& title) {
  nlohmann::json activity = an_activity("invoke");
  activity["name"] = "adaptiveCard/action";
  const nlohmann::json flat = card.flatten();
  for (const auto& [path, value] : flat.items()) {
    if (!path.ends_with("/title") || value != title) continue;
    if (path.find("/fallback/") != path.npos) continue;
    const nlohmann::json::json_pointer at(path.substr(0, path.size() - 6));
    const nlohmann::json& action = card[at];
    activity["value"] = {{"action",
                          {{"type", action["type"]},
                           {"verb", action.value("verb", "")},
                           {"data", action.value("data", nlohmann::json::object())}}},
                         {"trigger", "manual"}};
  }
  return activity;
}

inline nlohmann::json in_channel(nlohmann::json activity, const std::string& thread) {
  activity["conversation"] = {
      {"id", thread}, {"conversationType", "channel"}, {"tenantId", FakeTeams::kTenant}};
  activity["channelData"]["channel"] = {{"id", FakeTeams::kChannel}};
  return activity;
}

inline nlohmann::json by(nlohmann::json activity, const std::string& object) {
  activity["from"] = {{"id", "29:" + object.substr(0, 4)}, {"name", "?"}, {"aadObjectId", object}};
  return activity;
}

}  // namespace stayd::test
