// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/elements.h"

#include "base/rfc3339.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

json runs(const Line& line) {
  json run = {{"type", "TextRun"}, {"text", line.text.str()}, {"size", "Small"}};
  if (line.verbatim) run["fontType"] = "Monospace";
  if (line.emphasis == Emphasis::warning) run["color"] = "Warning";
  return {{"type", "RichTextBlock"}, {"inlines", json::array({std::move(run)})}};
}

// The time in the time zone of the reader: DATE() and TIME() are text features of Adaptive Cards.
json local_time(TimePoint time) {
  const std::string stamp = rfc3339(time).substr(0, 19) + "Z";
  return {{"type", "TextBlock"},
          {"text", "{{DATE(" + stamp + ", COMPACT)}} {{TIME(" + stamp + ")}}, your time"},
          {"size", "Small"},
          {"isSubtle", true},
          {"spacing", "None"},
          {"wrap", true}};
}

// Two columns also fit a telephone.
json two_columns(Literal label, json items) {
  const json left = {{"type", "TextBlock"},
                     {"text", label.text},
                     {"weight", "Bolder"},
                     {"size", "Small"},
                     {"wrap", true}};
  return {{"type", "ColumnSet"},
          {"spacing", "Small"},
          {"columns",
           json::array({{{"type", "Column"}, {"width", "84px"}, {"items", json::array({left})}},
                        {{"type", "Column"}, {"width", "stretch"}, {"items", std::move(items)}}})}};
}

}  // namespace

Action Action::button(std::string_view verb, Literal title, Literal style, json data) {
  json submitted = data;
  submitted["verb"] = verb;
  const json fallback = {
      {"type", "Action.Submit"}, {"title", title.text}, {"data", std::move(submitted)}};
  return Action({{"type", "Action.Execute"},
                 {"verb", verb},
                 {"title", title.text},
                 {"style", style.text},
                 {"data", std::move(data)},
                 {"fallback", fallback}});
}

Action Action::link(Literal title, const std::string& url) {
  return Action({{"type", "Action.OpenUrl"}, {"title", title.text}, {"url", url}});
}

Action Action::unfold(Literal title, CardBody body) {
  return Action(
      {{"type", "Action.ShowCard"},
       {"title", title.text},
       {"card",
        {{"type", "AdaptiveCard"}, {"version", "1.5"}, {"body", std::move(body.elements_)}}}});
}

Action Action::toggle(Literal title, std::string_view id) {
  return Action({{"type", "Action.ToggleVisibility"},
                 {"title", title.text},
                 {"targetElements", json::array({id})}});
}

CardBody& CardBody::heading(Literal text) {
  elements_.push_back({{"type", "TextBlock"},
                       {"text", text.text},
                       {"weight", "Bolder"},
                       {"size", "Medium"},
                       {"wrap", true},
                       {"style", "heading"}});
  return *this;
}

CardBody& CardBody::note(Literal text) {
  elements_.push_back({{"type", "TextBlock"},
                       {"text", text.text},
                       {"wrap", true},
                       {"isSubtle", true},
                       {"size", "Small"}});
  return *this;
}

CardBody& CardBody::text(const Shown& text) {
  elements_.push_back(runs({text}));
  return *this;
}

CardBody& CardBody::row(const Row& row, Level from, Level to) {
  json lines = json::array();
  for (const Line& line : row.lines) {
    if (line.level < from || line.level > to) continue;
    lines.push_back(runs(line));
    if (lines.size() > 1) lines.back()["spacing"] = "None";
  }
  if (lines.empty()) return *this;
  if (row.time) lines.push_back(local_time(*row.time));
  elements_.push_back(two_columns(row.label, std::move(lines)));
  return *this;
}

CardBody& CardBody::sentence(const Shown& text) {
  json line = runs({text});
  line["inlines"][0]["size"] = "Default";
  line["inlines"][0]["weight"] = "Bolder";
  elements_.push_back(std::move(line));
  return *this;
}

CardBody& CardBody::folded(std::string_view id, CardBody body) {
  elements_.push_back({{"type", "Container"},
                       {"id", id},
                       {"isVisible", false},
                       {"items", std::move(body.elements_)}});
  return *this;
}

CardBody& CardBody::text_input(std::string_view id, Literal label, std::size_t max_length) {
  elements_.push_back({{"type", "Input.Text"},
                       {"id", id},
                       {"label", label.text},
                       {"isMultiline", true},
                       {"maxLength", max_length}});
  return *this;
}

CardBody& CardBody::choice_input(std::string_view id, Literal label,
                                 const std::vector<InputChoice>& choices) {
  json list = json::array();
  for (const InputChoice& each : choices)
    list.push_back({{"title", each.title.text}, {"value", each.value}});
  elements_.push_back({{"type", "Input.ChoiceSet"},
                       {"id", id},
                       {"label", label.text},
                       {"style", "compact"},
                       {"value", choices.front().value},
                       {"choices", std::move(list)}});
  return *this;
}

CardBody& CardBody::actions(const std::vector<Action>& actions) {
  if (actions.empty()) return *this;
  json list = json::array();
  for (const Action& each : actions) list.push_back(each.json_);
  elements_.push_back({{"type", "ActionSet"}, {"actions", std::move(list)}});
  return *this;
}

json card_of(CardBody body, Literal fallback) {
  return {{"type", "AdaptiveCard"},
          {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
          {"version", "1.5"},
          {"fallbackText", fallback.text},
          {"speak", fallback.text},
          {"body", std::move(body.elements_)},
          {"msteams", {{"width", "Full"}}}};
}

}  // namespace stayd::teams
