// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/command.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stayd::teams {
namespace {

constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
    {"&nbsp;", " "}, {"&lt;", "<"},   {"&gt;", ">"}, {"&quot;", "\""},
    {"&#39;", "'"},  {"\u00a0", " "}, {"&amp;", "&"}};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
    text.replace(at, what.size(), by);
}

std::string_view next_word(std::string_view& text) {
  const std::size_t size = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return word;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool read_id(std::string_view word, TicketId& id) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  return error == std::errc() && end == word.data() + word.size();
}

}  // namespace

std::string plain_text(const Activity& activity, const std::string& own_id) {
  std::string text = activity.text;
  for (const Mention& mention : activity.mentions)
    if (mention.id == own_id && !mention.text.empty()) replace_all(text, mention.text, " ");
  for (const auto& [entity, character] : kEntities) replace_all(text, entity, character);
  std::string plain;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) plain += c;
    if (space && !plain.empty() && plain.back() != ' ') plain += ' ';
  }
  if (plain.ends_with(' ')) plain.pop_back();
  return plain;
}

Command parse_command(const Activity& activity) {
  const std::string text = plain_text(activity, activity.recipient);
  std::string_view rest = text;
  const std::string verb = lower(next_word(rest));
  Command command;
  if (verb == "pending" && rest.empty()) command.kind = Command::Kind::pending;
  if (verb == "help" && rest.empty()) command.kind = Command::Kind::help;
  if (verb != "approve" && verb != "deny" && verb != "show") return command;
  if (!read_id(next_word(rest), command.ticket)) return command;
  if (verb == "show" && rest.empty()) command.kind = Command::Kind::show;
  if (verb == "deny") {
    command.kind = Command::Kind::deny;
    command.reason = rest;
  }
  if (verb == "approve") {
    command.hash = lower(next_word(rest));
    const bool fits =
        command.hash.size() >= kShortestHash && command.hash.size() <= 64 && rest.empty();
    if (fits) command.kind = Command::Kind::approve;
  }
  return command;
}

}  // namespace stayd::teams
