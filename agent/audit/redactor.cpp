// SPDX-License-Identifier: Apache-2.0
#include "audit/redactor.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/escape.h"
#include "base/hex.h"
#include "redaction/joined.h"
#include "redaction/secrets.h"

namespace stayd::audit {
namespace {

using nlohmann::json;
using redaction::Joined;
using redaction::Span;
using redaction::Spans;

// Longer texts are taken out as a whole: each secret in a text costs time in proportion to it.
constexpr std::size_t kMaxSearched = std::size_t{64} << 10;

// Limits what a pattern of the configuration found to the argument that it begins in.
Span in_argument(const Joined& joined, std::size_t index, Span found) {
  const Span argument = joined.of(index);
  const std::string_view text = argument.of(joined.text());
  const std::size_t begin = std::min(found.begin - argument.begin, text.size());
  const std::string_view before = text.substr(0, begin);
  // "--word" "two words", or "WORD=two words": nobody quotes within an argument.
  const bool to_end = before.empty() || (before.ends_with('=') && before.find(' ') == before.npos);
  return {begin, to_end ? text.size() : std::min(found.end - argument.begin, text.size())};
}

}  // namespace

Result<Redactor> Redactor::create(std::span<const std::string> patterns, std::string key) {
  Result<redaction::Patterns> made = redaction::Patterns::create(patterns);
  if (!made) return in_context("redact", made.error());
  return Redactor(std::move(*made), std::move(key));
}

Redactor::Redactor(redaction::Patterns patterns, std::string key)
    : patterns_(std::move(patterns)), key_(std::move(key)) {}

std::string Redactor::mark(std::string_view secret) const {
  return "[redacted " + std::to_string(secret.size()) +
         " bytes sha256:" + hex(hmac_sha256(key_, secret).substr(0, 4)) + "]";
}

std::string Redactor::without(std::string_view text, Spans secrets) const {
  std::string result;
  std::size_t at = 0;
  for (const Span& span : merged(std::move(secrets))) {
    result += text.substr(at, span.begin - at);
    result += mark(span.of(text));
    at = span.end;
  }
  return result += text.substr(at);
}

// Returns nothing if the text is to be taken out as a whole.
std::optional<Spans> Redactor::find(std::string_view text) const {
  if (text.size() > kMaxSearched) return std::nullopt;
  std::optional<Spans> spans = redaction::secrets_in_text(text);
  if (spans && !patterns_.find(text, *spans)) return std::nullopt;
  return spans;
}

std::optional<std::vector<Spans>> Redactor::find(std::span<const std::string> arguments) const {
  const Joined joined(arguments);
  if (joined.text().size() > kMaxSearched) return std::nullopt;
  std::optional<std::vector<Spans>> result = redaction::secrets_in_arguments(arguments);
  Spans found;
  if (!result || !patterns_.find(joined.text(), found)) return std::nullopt;
  for (const Span& span : found) {
    const std::size_t index = joined.argument_at(span.begin);
    (*result)[index].push_back(in_argument(joined, index, span));
  }
  return result;
}

std::string Redactor::redact(std::string_view text) const {
  std::optional<Spans> spans = find(text);
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
  std::vector<bool> is_escaped;
  for (const json& each : list) {
    const auto& text = each.get_ref<const std::string&>();
    std::optional<std::string> bytes = unescape(text);
    is_escaped.push_back(bytes.has_value());
    raw.push_back(bytes ? std::move(*bytes) : text);
  }
  std::optional<std::vector<Spans>> secrets = find(raw);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (!secrets) {
      list[i] = mark(raw[i]);
    } else if (!is_escaped[i]) {
      list[i] = without(raw[i], std::move((*secrets)[i]));
    } else if (!(*secrets)[i].empty() || list[i].get_ref<const std::string&>().size() > kMaxText) {
      list[i] = escape(without(raw[i], std::move((*secrets)[i])), kMaxText);
    }
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
