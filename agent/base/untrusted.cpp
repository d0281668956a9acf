// SPDX-License-Identifier: Apache-2.0
#include "base/untrusted.h"

#include <algorithm>

namespace stayd {
namespace {

// True if escape() can have made it: nothing but printable ASCII, no space where it would be
// invisible, no template, and only its own sequences.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; }) &&
         !text.starts_with(' ') && !text.ends_with(' ') &&
         text.find("  ") == std::string_view::npos && text.find("{{") == std::string_view::npos;
}

bool is_escaped(std::string_view text) {
  if (!is_plain(text)) return false;
  constexpr std::string_view kEnd = " bytes left out]";
  for (std::size_t at = text.find("\\["); at != text.npos; at = text.find("\\[", at + 1)) {
    const std::size_t digits = text.find_first_not_of("0123456789", at + 2);
    if (digits == at + 2 || digits == text.npos || !text.substr(digits).starts_with(kEnd)) continue;
    if (unescape(text.substr(0, at)) && unescape(text.substr(digits + kEnd.size()))) return true;
  }
  return unescape(text).has_value();
}

}  // namespace

Escaped escape(const Untrusted& bytes, std::size_t max) {
  return Escaped(escape(std::string_view(bytes.bytes()), max));
}

Escaped escape_once(const Untrusted& text, std::size_t max) {
  if (text.bytes().size() <= max && is_escaped(text.bytes())) return Escaped(text.bytes());
  return escape(text, max);
}

Escaped as_argument(const Escaped& argument) {
  const std::string& text = argument.str();
  if (!text.empty() && text.find_first_of(" \"'`$&|;<>()*?#~!") == std::string::npos)
    return argument;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '\\';
    out += c;
  }
  return Escaped(out + "\"");
}

Escaped base_name(const Escaped& path) {
  return Escaped(path.str().substr(path.str().rfind('/') + 1));
}

Escaped head_of(const Escaped& text, std::size_t size) {
  return Escaped(text.str().substr(0, size));
}

}  // namespace stayd
