// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "redaction/span.h"

namespace stayd::redaction {

// Regular expressions (RE2), each of which finds what its first group matches, or what it matches
// as a whole if it has no group. Thread-safe once created.
class Patterns {
 public:
  static constexpr std::size_t kMaxMatches = 1000;  // of one pattern in one text

  // Errors name the pattern.
  static Result<Patterns> create(std::span<const std::string> patterns);
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;
  ~Patterns();

  // False: one of them matches more often than kMaxMatches. Takes time in proportion to the text
  // for each match.
  bool find(std::string_view text, Spans& spans) const;

 private:
  struct Compiled;
  explicit Patterns(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
};

}  // namespace stayd::redaction
