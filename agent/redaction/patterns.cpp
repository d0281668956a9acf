// SPDX-License-Identifier: Apache-2.0
#include "redaction/patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <utility>
#include <vector>

#include "base/escape.h"

namespace stayd::redaction {
namespace {

RE2::Options options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: the text may be anything
  options.set_log_errors(false);
  return options;
}

// False: too many.
bool find_one(const RE2& pattern, re2::StringPiece text, Spans& spans) {
  const int groups = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
  re2::StringPiece match[2];
  std::size_t at = 0;
  for (std::size_t count = 0; at <= text.size(); ++count) {
    if (!pattern.Match(text, at, text.size(), RE2::UNANCHORED, match, groups)) return true;
    if (count == Patterns::kMaxMatches) return false;
    const re2::StringPiece& secret = match[groups - 1];
    const auto begin = static_cast<std::size_t>(secret.data() - text.data());
    if (secret.data() && !secret.empty()) spans.push_back({begin, begin + secret.size()});
    const auto end = static_cast<std::size_t>(match[0].data() - text.data()) + match[0].size();
    at = match[0].empty() ? end + 1 : end;
  }
  return true;
}

}  // namespace

struct Patterns::Compiled {
  std::vector<std::unique_ptr<RE2>> each;
  RE2::Set any{options(), RE2::UNANCHORED};  // tells in one pass which of them to look for
};

Patterns::Patterns(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Patterns::Patterns(Patterns&&) noexcept = default;
Patterns& Patterns::operator=(Patterns&&) noexcept = default;
Patterns::~Patterns() = default;

Result<Patterns> Patterns::create(std::span<const std::string> patterns) {
  auto made = std::make_unique<Compiled>();
  for (const std::string& pattern : patterns) {
    const auto wrong = [&pattern](const std::string& why) {
      return Error{"'" + escape(pattern, 200) + "' is not a regular expression: " + why};
    };
    auto expression = std::make_unique<RE2>(pattern, options());
    if (!expression->ok()) return wrong(escape(expression->error(), 200));
    std::string error;
    if (made->any.Add(pattern, &error) < 0) return wrong(escape(error, 200));
    made->each.push_back(std::move(expression));
  }
  if (!made->any.Compile()) return Error{"the patterns together are too large"};
  return Patterns(std::move(made));
}

bool Patterns::find(std::string_view text, Spans& spans) const {
  const auto& [each, any] = *compiled_;
  if (text.empty() || each.empty()) return true;
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<int> present;
  RE2::Set::ErrorInfo error{};
  if (!any.Match(piece, &present, &error)) {
    if (error.kind == RE2::Set::kNoError) return true;
    // Out of memory for this text: each pattern alone needs less.
    for (std::size_t i = 0; i < each.size(); ++i) present.push_back(static_cast<int>(i));
  }
  for (const int index : present)
    if (!find_one(*each[static_cast<std::size_t>(index)], piece, spans)) return false;
  return true;
}

}  // namespace stayd::redaction
