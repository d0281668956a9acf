// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace stayd::teams {

// Text of ours, known when this is compiled: the only kind that a client may read as markup.
struct Literal {
  const char* text;
};

// Elements of an Adaptive Card. Foreign text can only become a TextRun.

inline nlohmann::json heading(Literal text) {
  return {{"type", "TextBlock"}, {"text", text.text}, {"weight", "Bolder"},
          {"size", "Medium"},    {"wrap", true},      {"style", "heading"}};
}

inline nlohmann::json note_block(Literal text, Literal color = {"Default"}) {
  return {{"type", "TextBlock"}, {"text", text.text}, {"wrap", true},
          {"isSubtle", true},    {"size", "Small"},   {"color", color.text}};
}

// `shown` is what escape() made, or numbers and words of ours.
inline nlohmann::json runs(const std::string& shown, bool monospace) {
  nlohmann::json run = {{"type", "TextRun"}, {"text", shown}, {"size", "Small"}};
  if (monospace) run["fontType"] = "Monospace";
  return {{"type", "RichTextBlock"}, {"inlines", nlohmann::json::array({std::move(run)})}};
}

// A label of ours, and beside it what it is about; two columns also fit a telephone.
inline nlohmann::json row(Literal label, const std::string& shown, bool monospace = false) {
  nlohmann::json name = {{"type", "TextBlock"},
                         {"text", label.text},
                         {"weight", "Bolder"},
                         {"size", "Small"},
                         {"wrap", true}};
  return {{"type", "ColumnSet"},
          {"spacing", "Small"},
          {"columns",
           nlohmann::json::array(
               {{{"type", "Column"}, {"width", "84px"}, {"items", nlohmann::json::array({name})}},
                {{"type", "Column"},
                 {"width", "stretch"},
                 {"items", nlohmann::json::array({runs(shown, monospace)})}}})}};
}

// A button, and the same for clients that know Action.Submit only.
nlohmann::json button(std::string_view verb, Literal title, Literal style, nlohmann::json data);

inline nlohmann::json card_of(nlohmann::json body, Literal fallback) {
  return {{"type", "AdaptiveCard"},
          {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
          {"version", "1.5"},
          {"fallbackText", fallback.text},
          {"speak", fallback.text},
          {"body", std::move(body)},
          {"msteams", {{"width", "Full"}}}};
}

}  // namespace stayd::teams
