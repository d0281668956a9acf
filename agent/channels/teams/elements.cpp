// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/elements.h"

namespace stayd::teams {

nlohmann::json button(std::string_view verb, Literal title, Literal style, nlohmann::json data) {
  nlohmann::json submitted = data;
  submitted["verb"] = verb;
  const nlohmann::json fallback = {
      {"type", "Action.Submit"}, {"title", title.text}, {"data", std::move(submitted)}};
  return {{"type", "Action.Execute"}, {"verb", verb},
          {"title", title.text},      {"style", style.text},
          {"data", std::move(data)},  {"fallback", fallback}};
}

}  // namespace stayd::teams
