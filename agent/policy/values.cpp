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

std::optional<std::uint32_t> parse_count(std::string_view text, std::uint32_t max) {
  std::uint32_t count = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (bad != std::errc() || end != text.data() + text.size() || count < 1 || count > max)
    return std::nullopt;
  return count;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && made_of(text, "._-");
}

bool is_unit(std::string_view text) {
  std::size_t dot = text.rfind('.');
  if (dot == text.npos || dot == 0) return false;
  std::string_view type = text.substr(dot);
  return (type == ".service" || type == ".scope" || type == ".slice") && made_of(text, ":_.\\@-*?");
}

bool is_cgroup(std::string_view text) {
  return text.size() > 1 && text[0] == '/' && text != "/**" && normal_path(text) == text;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.find('.') == text.npos) return false;
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
      return false;
    const bool plain = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!plain) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
  return false;  // a dot at the end
}

bool is_person(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == text.npos) return is_name(text);
  std::string domain(text.substr(at + 1));
  std::transform(domain.begin(), domain.end(), domain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return is_name(text.substr(0, at)) && is_host_name(domain);
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

std::optional<Sha256> parse_sha256(std::string_view text) {
  Sha256 digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); i++) {
    const char* digits = text.data() + 2 * i;
    auto [rest, error] = std::from_chars(digits, digits + 2, digest[i], 16);
    if (error != std::errc{} || rest != digits + 2) return std::nullopt;
  }
  return digest;
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

std::string to_text(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

std::string yaml_text(const std::string& text) {
  const std::string shown = escape(text, kUnbounded);
  std::string out = "\"";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown.compare(i, 3, "\\u{") == 0) {
      const std::size_t end = shown.find('}', i);
      const std::string digits = shown.substr(i + 3, end - i - 3);
      out += "\\U" + std::string(8 - digits.size(), '0') + digits;
      i = end;
      continue;
    }
    if (shown[i] == '"') out += '\\';
    out += shown[i];
    if (shown[i] == '\\') out += shown[++i];
  }
  return out + "\"";
}

}  // namespace stayd
