// SPDX-License-Identifier: Apache-2.0
#include "audit/redactor.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <optional>

#include "base/digest.h"
#include "base/escape.h"
#include "base/hex.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

// Beyond these a text is taken out as a whole: with RE2 each match takes time proportional
// to the text, and a text can have many.
constexpr std::size_t kMaxSearched = std::size_t{64} << 10;
constexpr std::size_t kMaxMatches = 1000;

RE2::Options options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: the text may be anything
  options.set_log_errors(false);
  return options;
}

// In order, those that meet made one.
template <class Span>
std::vector<Span> merged(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> result;
  for (const Span& span : spans) {
    if (!result.empty() && span.begin <= result.back().end)
      result.back().end = std::max(result.back().end, span.end);
    else
      result.push_back(span);
  }
  return result;
}

}  // namespace

struct Redactor::Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Redactor::Patterns {
  // What to take out of a text; nothing: all of it.
  using Spans = std::optional<std::vector<Span>>;

  std::vector<std::unique_ptr<RE2>> each;
  std::optional<RE2::Set> any;  // tells in one pass which of them to look for

  bool find(const RE2& pattern, re2::StringPiece text, std::vector<Span>& spans) const;
  Spans find(std::string_view text) const;
};

// False: too many.
bool Redactor::Patterns::find(const RE2& pattern, re2::StringPiece text,
                              std::vector<Span>& spans) const {
  const int groups = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
  re2::StringPiece match[2];
  std::size_t at = 0;
  for (std::size_t count = 0; at <= text.size(); ++count) {
    if (!pattern.Match(text, at, text.size(), RE2::UNANCHORED, match, groups)) return true;
    if (count == kMaxMatches) return false;
    const re2::StringPiece& secret = match[groups - 1];
    const auto begin = static_cast<std::size_t>(secret.data() - text.data());
    if (secret.data() && !secret.empty()) spans.push_back({begin, begin + secret.size()});
    const auto end = static_cast<std::size_t>(match[0].data() - text.data()) + match[0].size();
    at = match[0].empty() ? end + 1 : end;
  }
  return true;
}

Redactor::Patterns::Spans Redactor::Patterns::find(std::string_view text) const {
  if (text.size() > kMaxSearched) return std::nullopt;
  std::vector<Span> spans;
  if (text.empty()) return spans;
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<int> present;
  RE2::Set::ErrorInfo error{};
  if (!any->Match(piece, &present, &error)) {
    if (error.kind == RE2::Set::kNoError) return spans;
    // Out of memory for this text: each pattern alone needs less.
    for (std::size_t i = 0; i < each.size(); ++i) present.push_back(static_cast<int>(i));
  }
  for (const int index : present)
    if (!find(*each[static_cast<std::size_t>(index)], piece, spans)) return std::nullopt;
  return spans;
}

Result<Redactor> Redactor::create(std::span<const std::string> patterns, std::string key) {
  auto made = std::make_unique<Patterns>();
  made->any.emplace(options(), RE2::UNANCHORED);
  std::vector<std::string> all(default_patterns().begin(), default_patterns().end());
  all.insert(all.end(), patterns.begin(), patterns.end());
  for (const std::string& pattern : all) {
    const auto wrong = [&pattern](const std::string& why) {
      return Error{"redact: '" + escape(pattern, 200) + "' is not a regular expression: " + why};
    };
    auto expression = std::make_unique<RE2>(pattern, options());
    if (!expression->ok()) return wrong(escape(expression->error(), 200));
    std::string error;
    if (made->any->Add(pattern, &error) < 0) return wrong(escape(error, 200));
    made->each.push_back(std::move(expression));
  }
  if (!made->any->Compile()) return Error{"redact: the patterns together are too large"};
  return Redactor(std::move(made), std::move(key));
}

Redactor::Redactor(std::unique_ptr<Patterns> patterns, std::string key)
    : patterns_(std::move(patterns)), key_(std::move(key)) {}
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;
Redactor::~Redactor() = default;

std::string Redactor::mark(std::string_view secret) const {
  return "[redacted " + std::to_string(secret.size()) +
         " bytes sha256:" + hex(hmac_sha256(key_, secret).substr(0, 4)) + "]";
}

std::string Redactor::without(std::string_view text, std::vector<Span> secrets) const {
  std::string result;
  std::size_t at = 0;
  for (const Span& span : merged(std::move(secrets))) {
    result += text.substr(at, span.begin - at);
    result += mark(text.substr(span.begin, span.end - span.begin));
    at = span.end;
  }
  return result += text.substr(at);
}

std::string Redactor::redact(std::string_view text) const {
  Patterns::Spans spans = patterns_->find(text);
  return spans ? without(text, std::move(*spans)) : mark(text);
}

std::string Redactor::recorded(const std::string& text) const {
  const std::optional<std::string> raw = unescape(text);
  // Part of it has been removed already.
  if (!raw) return redact(text);
  std::string safe = redact(*raw);
  if (safe == *raw && text.size() <= kMaxText) return text;
  return escape(safe, kMaxText);
}

void Redactor::walk_list(json& list) const {
  std::vector<std::string> raw;
  std::vector<std::size_t> begins;
  std::string all;
  for (const json& each : list) {
    const auto& text = each.get_ref<const std::string&>();
    raw.push_back(unescape(text).value_or(text));
    if (raw.size() > 1) all += ' ';
    begins.push_back(all.size());
    all += raw.back();
  }
  const Patterns::Spans spans = patterns_->find(all);
  std::vector<std::vector<Span>> secrets(raw.size());
  if (spans)
    for (const Span& span : *spans) {
      const auto after = std::ranges::upper_bound(begins, span.begin);
      const auto index = static_cast<std::size_t>(after - begins.begin()) - 1;
      const std::string_view text = raw[index];
      const std::size_t begin = span.begin - begins[index];
      const std::string_view before = text.substr(0, begin);
      // "--password" "two words", or "PASSWORD=two words": nobody quotes within an argument.
      const bool to_end =
          before.empty() || (before.ends_with('=') && before.find(' ') == before.npos);
      const std::size_t end = std::min(span.end - begins[index], text.size());
      secrets[index].push_back({begin, to_end ? text.size() : end});
    }
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (!spans)
      list[i] = mark(raw[i]);
    else if (secrets[i].empty())
      list[i] = recorded(list[i].get_ref<const std::string&>());
    else
      list[i] = escape(without(raw[i], std::move(secrets[i])), kMaxText);
  }
}

void Redactor::walk(json& value) const {
  if (value.is_string()) {
    value = recorded(value.get_ref<const std::string&>());
  } else if (value.is_array() && value.size() > 1 &&
             std::ranges::all_of(value, [](const json& each) { return each.is_string(); })) {
    walk_list(value);
  } else if (value.is_structured()) {
    for (json& each : value) walk(each);
  }
}

Redacted Redactor::apply(json event) const {
  if (event.is_object()) {
    for (auto& [name, value] : event.items())
      if (name != "event" && name != "time") walk(value);
  } else {
    walk(event);
  }
  return Redacted(std::move(event));
}

}  // namespace stayd::audit
