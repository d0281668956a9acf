// SPDX-License-Identifier: Apache-2.0
#include "redaction/user_info.h"

#include <algorithm>

#include "redaction/ascii.h"
#include "redaction/values.h"

namespace stayd::redaction {
namespace {

bool ends_a_url(char c) { return is_space(c) || is_quote(c) || c == '<' || c == '>'; }

bool is_port(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// "https", "git+https"
bool is_http_before(std::string_view text, std::size_t at) {
  std::string_view scheme = text.substr(0, at);
  scheme = scheme.substr(scheme.size() - std::min<std::size_t>(scheme.size(), 5));
  const std::string name = lower(scheme);
  return name.ends_with("http") || name.ends_with("https");
}

void add(std::string_view text, Span span, Spans& spans) {
  if (can_be_secret(span.of(text))) spans.push_back(span);
}

void find_in(std::string_view text, Span user_info, bool is_http, Spans& spans) {
  const std::size_t colon = text.substr(0, user_info.end).find(':', user_info.begin);
  if (colon == text.npos) {
    if (is_http && user_info.of(text) != "git") add(text, user_info, spans);
    return;
  }
  const Span user{user_info.begin, colon};
  const Span password{colon + 1, user_info.end};
  if (is_token_as_user(user.of(text), password.of(text))) add(text, user, spans);
  if (password.of(text) != kNoPassword) add(text, password, spans);
}

}  // namespace

void find_user_info(std::string_view text, Spans& spans) {
  std::size_t next_at = 0;  // a place of '@' or of the end, found ahead of where it is needed
  for (std::size_t i = text.find("://"); i != text.npos; i = text.find("://", i + 1)) {
    const std::size_t begin = i + 3;
    std::size_t end = begin;
    std::size_t at = text.npos;
    for (; end < text.size() && !ends_a_url(text[end]); ++end) {
      if (text[end] == '@') at = end;
      if (text[end] == '/' || text[end] == '?' || text[end] == '#') break;
    }
    if (at == text.npos && end < text.size() && text[end] == '/') {
      // A password with a slash that nobody has encoded, if it cannot be the number of a port.
      const std::size_t colon = text.substr(0, end).find(':', begin);
      if (colon == text.npos || text[begin] == '[' ||
          is_port(text.substr(colon + 1, end - colon - 1)))
        continue;
      next_at = std::max(next_at, end);
      while (next_at < text.size() && text[next_at] != '@' && !ends_a_url(text[next_at])) ++next_at;
      if (next_at < text.size() && text[next_at] == '@') at = next_at;
    }
    if (at != text.npos && at > begin) find_in(text, {begin, at}, is_http_before(text, i), spans);
  }
}

}  // namespace stayd::redaction
