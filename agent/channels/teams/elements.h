// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/untrusted.h"
#include "presentation/ticket_presentation.h"

// The parts that our Adaptive Cards (version 1.5) are made of. What is shown is a Literal, which
// may stand in elements that clients read as markup, or Shown, which is always a TextRun: clients
// read no markup in those.
namespace stayd::teams {

class CardBody;

// Something to press.
class Action {
 public:
  // Sends `data`; also on clients that know Action.Submit only.
  static Action button(std::string_view verb, Literal title, Literal style, nlohmann::json data);
  // Opens `url`, which the configuration names.
  static Action link(Literal title, const std::string& url);
  // Unfolds another card.
  static Action unfold(Literal title, CardBody body);
  // Shows or hides the body() of that id.
  static Action toggle(Literal title, std::string_view id);

 private:
  friend class CardBody;
  explicit Action(nlohmann::json json) : json_(std::move(json)) {}
  nlohmann::json json_;
};

struct InputChoice {
  Literal title;
  std::string_view value;
};

class CardBody {
 public:
  CardBody& heading(Literal text);
  CardBody& note(Literal text);
  CardBody& text(const Shown& text);
  // The row's lines of these levels; nothing if there are none.
  CardBody& row(const Row& row, Level from = Level::needed, Level to = Level::usual);
  // Large, across the card.
  CardBody& sentence(const Shown& text);
  // Folded away until a toggle() shows it.
  CardBody& folded(std::string_view id, CardBody body);
  CardBody& text_input(std::string_view id, Literal label, std::size_t max_length);
  // At least one choice; the first is chosen.
  CardBody& choice_input(std::string_view id, Literal label,
                         const std::vector<InputChoice>& choices);
  CardBody& actions(const std::vector<Action>& actions);  // nothing if there are none

 private:
  friend class Action;
  friend nlohmann::json card_of(CardBody body, Literal fallback);
  nlohmann::json elements_ = nlohmann::json::array();
};

// `fallback` is shown by clients that know only earlier versions, and is read aloud.
nlohmann::json card_of(CardBody body, Literal fallback);

}  // namespace stayd::teams
