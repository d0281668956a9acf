// SPDX-License-Identifier: Apache-2.0
#include "policy/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace stayd {
namespace {

// Bytes of a text that are compared; the rest could only rule out more patterns.
constexpr std::size_t kMaxHead = 1 << 16;

// Matches one character of `text`, or nothing; advances `glob` past what it used. A set that
// is not closed is a plain '['.
bool matches_one(std::string_view& glob, char character) {
  if (glob.front() == '?') {
    glob.remove_prefix(1);
    return true;
  }
  const std::size_t end = glob.front() == '[' ? glob.find(']', 2) : glob.npos;
  if (end == glob.npos) {
    const bool same = glob.front() == character;
    glob.remove_prefix(1);
    return same;
  }
  const std::string set(glob.substr(0, end + 1));
  glob.remove_prefix(end + 1);
  const char text[] = {character, '\0'};
  return character != '\0' && ::fnmatch(set.c_str(), text, FNM_NOESCAPE) == 0;
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return parts;
}

}  // namespace

// One '*' at a time is remembered to come back to: the last one can do what any earlier could.
bool matches_text(std::string_view glob, std::string_view text) {
  std::string_view glob_behind_star, text_at_star;
  bool star = false;
  while (!text.empty()) {
    if (!glob.empty() && glob.front() == '*') {
      star = true;
      glob.remove_prefix(1);
      glob_behind_star = glob;
      text_at_star = text;
      continue;
    }
    std::string_view rest = glob;
    if (!rest.empty() && matches_one(rest, text.front())) {
      glob = rest;
      text.remove_prefix(1);
      continue;
    }
    if (!star) return false;
    text_at_star.remove_prefix(1);
    glob = glob_behind_star;
    text = text_at_star;
  }
  return glob.find_first_not_of('*') == glob.npos;
}

// Steps through all places in the glob where one may be after each character.
bool may_match_text(std::string_view glob, std::string_view text) {
  text = text.substr(0, kMaxHead);
  std::vector<char> places(glob.size() + 1), next(glob.size() + 1);
  const auto arrive = [&glob](std::vector<char>& at, std::size_t place) {
    at[place] = 1;
    for (; place < glob.size() && glob[place] == '*'; ++place) at[place + 1] = 1;
  };
  arrive(places, 0);
  for (const char character : text) {
    std::fill(next.begin(), next.end(), 0);
    bool any = false;
    for (std::size_t place = 0; place < glob.size(); ++place) {
      std::string_view rest = glob.substr(place);
      if (places[place] == 0 || (glob[place] != '*' && !matches_one(rest, character))) continue;
      arrive(next, glob[place] == '*' ? place : glob.size() - rest.size());
      any = true;
    }
    if (!any) return false;
    places.swap(next);
  }
  return true;
}

// The same, with components for characters and "**" for '*'.
bool matches_path(std::string_view glob, std::string_view path) {
  const std::vector<std::string_view> wanted = components(glob);
  const std::vector<std::string_view> given = components(path);
  std::size_t w = 0, g = 0, behind_stars = 0, at_stars = 0;
  bool stars = false;
  while (g < given.size()) {
    if (w < wanted.size() && wanted[w] == "**") {
      stars = true;
      behind_stars = ++w;
      at_stars = g;
    } else if (w < wanted.size() && matches_text(wanted[w], given[g])) {
      ++w;
      ++g;
    } else if (stars) {
      w = behind_stars;
      g = ++at_stars;
    } else {
      return false;
    }
  }
  while (w < wanted.size() && wanted[w] == "**") ++w;
  return w == wanted.size();
}

bool matches_host(std::string_view pattern, bool below, std::string_view name) {
  const auto as_path = [](std::string_view host) {
    std::string path(host);
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
  };
  return matches_path((below ? "*/**/" : "") + as_path(pattern), as_path(name));
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

std::string literal_directory(std::string_view glob) {
  if (!glob.starts_with('/')) return {};
  const std::string_view literal = glob.substr(0, glob.find_first_of("*?["));
  const std::size_t slash = literal.rfind('/');
  return slash == 0 ? "/" : std::string(literal.substr(0, slash));
}

}  // namespace stayd
