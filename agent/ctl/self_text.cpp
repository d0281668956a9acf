// SPDX-License-Identifier: Apache-2.0
#include "ctl/self_text.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/untrusted.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxText = 600;

std::string text_of(const nlohmann::json& value, const char* name) {
  return escape_once(Untrusted(text_at(value, name)), kMaxText).str();
}

std::string in_words(const std::string& word) {
  std::string words = word;
  for (char& c : words)
    if (c == '_') c = ' ';
  return words;
}

// Says who is asked, and until when; begins with a comma.
std::string who_is_asked(const nlohmann::json& event) {
  std::string asked;
  for (const std::string& group : texts_at(event, "asked"))
    asked += (asked.empty() ? "" : ", ") + escape_once(Untrusted(group), kMaxText).str();
  if (asked.empty()) asked = "whoever may answer";
  const bool waits = text_of(event, "event") == "held";
  return (waits ? ", waits for " + asked : ", nobody waits; " + asked + " can answer") + " until " +
         text_of(event, "until");
}

// Says how long an answer counts for which nobody waited; begins with a comma.
std::string how_long(const nlohmann::json& event) {
  const std::string until = text_of(event, "until");
  if (until.empty() || text_of(event, "by").empty()) return "";
  return (text_of(event, "event") == "approved" ? ", for one attempt until " : ", until ") + until;
}

// Says who or what refused, or whose answer is awaited; begins with a comma.
std::string who_and_why(const nlohmann::json& event) {
  const std::string by = text_of(event, "by"), detail = text_of(event, "detail");
  const std::string reason = text_of(event, "reason");
  if (!by.empty())
    return ", by " + by + (detail.empty() ? "" : ": \"" + detail + "\"") + how_long(event);
  if (reason == "policy") return ", by the policy";
  if (!reason.empty()) return ", " + in_words(reason) + (detail.empty() ? "" : " (" + detail + ")");
  return is_pending(event) ? who_is_asked(event) : "";
}

std::string rule_of(const nlohmann::json& event) {
  const nlohmann::json& rule = member_at(event, "rule");
  const std::string text = text_of(rule, "text"), file = text_of(rule, "file");
  if (text.empty()) return "";
  if (file.empty()) return "; rule: " + text;
  const std::uint64_t line = count_at(rule, "line");
  return "; rule: " + text + " (" + file + (line != 0 ? ":" + std::to_string(line) : "") + ")";
}

}  // namespace

bool is_pending(const nlohmann::json& event) {
  const std::string what = text_at(event, "event");
  return what == "held" || what == "lingers";
}

std::string self_event_text(const nlohmann::json& event) {
  const std::string command = text_of(event, "command");
  const std::uint64_t times = count_at(event, "times"), ticket = count_at(event, "ticket");
  std::string text = "stayd: " + text_of(event, "event") + ": " + text_of(event, "operation") +
                     " " + (command.empty() ? text_of(event, "object") : command);
  if (times > 1) text += " (" + std::to_string(times) + " times)";
  text += who_and_why(event);
  if (ticket != 0) text += ", ticket " + std::to_string(ticket);
  text += rule_of(event) + "; at " + text_of(event, "time");
  return text + "\n  what to do: " + text_of(event, "advice") +
         " (try again: " + text_of(event, "retry") + ")\n";
}

std::vector<nlohmann::json> news_of(const nlohmann::json& events) {
  std::set<std::uint64_t> told;  // tickets of which a later event speaks
  std::vector<nlohmann::json> news;
  if (!events.is_array()) return news;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const std::string what = text_at(*event, "event");
    const std::uint64_t ticket = count_at(*event, "ticket");
    const bool is_stale = is_pending(*event) && told.contains(ticket);
    const bool went_on = what == "approved" && text_at(*event, "retry") != "now";
    if (!is_stale && !went_on) news.push_back(*event);
    if (ticket != 0) told.insert(ticket);
  }
  return {news.rbegin(), news.rend()};
}

std::string news_text(const std::vector<nlohmann::json>& news, std::size_t most) {
  std::string text;
  const std::size_t begin = news.size() - std::min(news.size(), most);
  for (std::size_t i = begin; i < news.size(); ++i) text += self_event_text(news[i]);
  if (begin > 0)
    text += "stayd: " + std::to_string(begin) +
            " earlier left out; see them with: stayctl why --last " + std::to_string(news.size()) +
            "\n";
  return text;
}

}  // namespace stayd
