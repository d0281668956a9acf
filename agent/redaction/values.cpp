// SPDX-License-Identifier: Apache-2.0
#include "redaction/values.h"

#include <algorithm>
#include <array>
#include <string>

#include "redaction/ascii.h"

namespace stayd::redaction {
namespace {

constexpr auto kWords =
    std::to_array<std::string_view>({"-", "ask", "false", "nil", "no", "none", "null", "off", "on",
                                     "prompt", "stdin", "true", "undefined", "yes", "{}", "*"});

// A value that begins like this says where the secret is, and is none.
constexpr auto kPlaces = std::to_array<std::string_view>(
    {"[redacted", "env:", "file:", "fd:", "op://", "arn:aws", "ssm:", "sm://",
     "vault:", "keyring:", "pkcs11:", "/dev/fd/", "@/", "@./", "secretsmanager:", "id="});

constexpr auto kExtensions = std::to_array<std::string_view>(
    {".asc", ".cer", ".crt", ".der", ".env", ".gpg", ".jks", ".json", ".key", ".p12", ".pem",
     ".pfx", ".pub", ".toml", ".txt", ".yaml"});

bool is_one_of_all(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == text.npos;
}

// Returns how long the reference at the front of `text` is, or 0 if there is none. A name without
// braces has no small letters, since "$ecret" can be a password.
std::size_t reference_size(std::string_view text) {
  const auto closed_by = [text](std::string_view open, std::string_view close) {
    const std::size_t end = text.starts_with(open) ? text.find(close, open.size()) : text.npos;
    return end == text.npos ? 0 : end + close.size();
  };
  if (text.starts_with("$(")) {
    std::size_t depth = 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '(') ++depth;
      if (text[i] == ')' && --depth == 0) return i + 1;
    }
    return 0;
  }
  if (const std::size_t size = closed_by("${", "}")) return size;
  if (const std::size_t size = closed_by("{{", "}}")) return size;
  if (const std::size_t size = closed_by("`", "`")) return size;
  if (text.starts_with('$')) {
    std::size_t end = 1;
    while (end < text.size() && (is_upper(text[end]) || is_digit(text[end]) || text[end] == '_'))
      ++end;
    if (end < text.size() && is_lower(text[end])) return 0;
    return end == 1 && text.starts_with("$@") ? 2 : end > 1 ? end : 0;
  }
  return text.starts_with("%s") ? 2 : 0;
}

bool is_made_of_references(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == ':') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = reference_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

bool can_be_secret(std::string_view value) {
  if (value.empty() || (value.size() == 1 && is_digit(value[0]))) return false;
  if (value.size() <= 9 && std::ranges::find(kWords, lower(value)) != kWords.end()) return false;
  if (value.size() > 1 &&
      (is_one_of_all(value, "*") || is_one_of_all(value, ".") ||
       (value.size() > 2 && (is_one_of_all(value, "x") || is_one_of_all(value, "X")))))
    return false;
  if (std::ranges::any_of(kPlaces, [value](auto place) { return value.starts_with(place); }))
    return false;
  if (value.starts_with('<') && value.ends_with('>')) return false;
  if (value.starts_with('%') && value.ends_with('%') && value.size() > 2) return false;
  return !is_made_of_references(value);
}

bool is_path(std::string_view value) {
  if (value.find_first_of("=+ ") != value.npos) return false;
  for (const std::string_view begin : {"/", "./", "../", "~", "k8s://", "C:\\"})
    if (value.starts_with(begin)) return true;
  return std::ranges::any_of(kExtensions, [value](auto end) { return value.ends_with(end); });
}

bool is_random(std::string_view value) {
  std::size_t digits = 0, upper = 0, small = 0, hexadecimal = 0;
  for (const char c : value) {
    if (!is_letter_or_digit(c) && std::string_view("+=_-").find(c) == std::string_view::npos)
      return false;
    digits += is_digit(c) ? 1 : 0;
    upper += is_upper(c) ? 1 : 0;
    small += is_lower(c) ? 1 : 0;
    hexadecimal += is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') ? 1 : 0;
  }
  const bool is_hexadecimal = hexadecimal == digits + upper + small && hexadecimal >= 32;
  return digits > 0 && (is_hexadecimal || (upper > 0 && small > 0 && value.size() >= 20));
}

bool is_token_as_user(std::string_view user, std::string_view password) {
  constexpr std::size_t kShortest = 16;
  return password == kNoPassword || is_random(user) ||
         (password.empty() && user.size() >= kShortest);
}

bool is_secret(NameKind kind, std::string_view value, bool in_query) {
  constexpr std::size_t kShortest = 16;  // of keys of services in URLs
  if (kind == NameKind::ordinary || !can_be_secret(value)) return false;
  switch (kind) {
    case NameKind::file:
      return !is_path(value);
    case NameKind::weak:
      return in_query ? value.size() >= kShortest : is_random(value);
    case NameKind::signature:
      return in_query;
    default:
      return true;
  }
}

}  // namespace stayd::redaction
