// SPDX-License-Identifier: Apache-2.0
#include "redaction/secrets.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "redaction/ascii.h"
#include "redaction/command.h"
#include "redaction/command_words.h"
#include "redaction/findings.h"
#include "redaction/joined.h"
#include "redaction/known_forms.h"
#include "redaction/user_info.h"

namespace stayd::redaction {
namespace {

constexpr int kMaxDepth = 6;  // of quotes within quotes

// True if one of the spans, which are in order and apart, has all of `span`.
bool is_within(const Spans& spans, const Span& span) {
  const auto after = std::ranges::upper_bound(spans, span.begin, {}, &Span::begin);
  return after != spans.begin() && std::prev(after)->end >= span.end;
}

}  // namespace

Spans Findings::all() && {
  std::ranges::sort(harmless, {}, &Span::begin);
  std::erase_if(members, [this](const Span& span) { return is_within(harmless, span); });
  others.insert(others.end(), members.begin(), members.end());
  std::erase_if(others, [](const Span& span) { return span.begin >= span.end; });
  return std::move(others);
}

void find_in_word(std::string_view text, Unit unit, int depth, Findings& findings) {
  find_members(text, unit, findings.members);
  find_user_info(text, findings.others);
  if (depth >= kMaxDepth || !has_space(text)) return;
  find_in_script(text, depth, findings);
  if (!find_known_forms(text, findings.others)) findings.others.push_back({0, text.size()});
}

std::optional<Spans> secrets_in_text(std::string_view text) {
  Findings findings;
  find_members(text, Unit::script, findings.members);
  find_user_info(text, findings.others);
  find_in_script(text, 0, findings);
  if (!find_known_forms(text, findings.others)) return std::nullopt;
  return std::move(findings).all();
}

std::optional<std::vector<Spans>> secrets_in_arguments(std::span<const std::string> arguments) {
  const std::vector<std::string_view> words(arguments.begin(), arguments.end());
  std::vector<Findings> findings(words.size());
  const CommandSecrets secrets = secrets_of_command(words);
  for (const WordSecret& secret : secrets.found)
    findings[secret.word].others.push_back(secret.span);
  for (const std::size_t index : secrets.harmless)
    findings[index].harmless.push_back({0, words[index].size()});
  std::vector<Spans> result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    find_in_word(words[i], is_script(words, i) ? Unit::script : Unit::argument, 0, findings[i]);
    result.push_back(std::move(findings[i]).all());
  }
  // A private key can be several arguments.
  const Joined joined(arguments);
  Spans forms;
  if (!find_known_forms(joined.text(), forms)) return std::nullopt;
  for (const Span& span : forms) joined.add(span, result);
  return result;
}

}  // namespace stayd::redaction
