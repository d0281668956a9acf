// SPDX-License-Identifier: Apache-2.0
#include "base/suggestion.h"

#include <algorithm>
#include <numeric>

namespace stayd {
namespace {

constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kShownWords = 12;

// Letters to insert, remove or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); i++) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); j++) {
      std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view found;
  std::size_t best = std::min(word.size() / 3, kMaxWord) + 1;
  for (std::string_view candidate : known) {
    if (word.size() > kMaxWord || candidate.size() > kMaxWord) continue;
    std::size_t steps = distance(word, candidate);
    if (steps > best || (steps == best && !found.empty())) continue;
    best = steps;
    found = candidate;
  }
  return found;
}

std::string suggest(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest(word, known);
  if (!near.empty()) return "did you mean '" + std::string(near) + "'?";

  std::string text = "known here: ";
  for (std::size_t i = 0; i < std::min(known.size(), kShownWords); i++) {
    text += (i == 0 ? "" : ", ") + std::string(known[i]);
  }
  return known.size() > kShownWords ? text + ", ..." : text;
}

}  // namespace stayd
