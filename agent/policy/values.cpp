// SPDX-License-Identifier: Apache-2.0
#include "policy/values.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/escape.h"

namespace stayd {
namespace {

// Letters, digits and `punctuation` only.
bool made_of(std::string_view text, std::string_view punctuation) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           punctuation.find(c) != punctuation.npos;
  });
}

}  // namespace

std::string quoted(std::string_view text) { return "'" + escape(text, 80) + "'"; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && made_of(text, "._-");
}

bool is_unit(std::string_view text) {
  std::size_t dot = text.rfind('.');
  if (dot == text.npos || dot == 0) return false;
  std::string_view type = text.substr(dot);
  return (type == ".service" || type == ".scope" || type == ".slice") && made_of(text, ":_.\\@-");
}

bool is_cgroup(std::string_view text) {
  if (text.ends_with("/**")) text.remove_suffix(3);
  return text.size() > 1 && text[0] == '/' && text.find('*') == text.npos &&
         normal_path(text) == text;
}

std::string normal_path(std::string_view path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::optional<Verdict> parse_verdict(std::string_view text) {
  for (Verdict verdict : {Verdict::allow, Verdict::audit, Verdict::hold, Verdict::deny}) {
    if (text == to_string(verdict)) return verdict;
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  auto [unit, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || unit + 1 != end) return std::nullopt;
  std::int64_t factor = *unit == 's' ? 1 : *unit == 'm' ? 60 : *unit == 'h' ? 3600 : 0;
  std::chrono::seconds duration(number * factor);
  if (duration.count() < 1 || duration > kMaxTimeout) return std::nullopt;
  return duration;
}

}  // namespace stayd
