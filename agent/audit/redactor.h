// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "redaction/patterns.h"
#include "redaction/span.h"

namespace stayd::audit {

// An event that has been through a Redactor, which alone can make one: what the chain takes.
class Redacted {
 public:
  const nlohmann::json& value() const { return value_; }

 private:
  friend class Redactor;
  explicit Redacted(nlohmann::json value) : value_(std::move(value)) {}
  nlohmann::json value_;
};

// Takes secrets out of what is recorded. Each is replaced by
//
//   [redacted 12 bytes sha256:0123abcd]
//
// where the digits are of an HMAC under a key of this installation: one secret looks the same
// wherever it stands, and a short one cannot be found by trying. Strings are expected as
// escape() makes them and stay so; those longer than kMaxText are cut in the middle.
//
// Thread-safe once created.
class Redactor {
 public:
  static constexpr std::size_t kMaxText = 2048;

  // `patterns` are regular expressions (RE2, https://github.com/google/re2/wiki/Syntax) for what
  // redaction/secrets.h does not know. What the first group matched is taken out, or the whole
  // match if there is no group. `key` is secret. Errors name the pattern.
  static Result<Redactor> create(std::span<const std::string> patterns, std::string key);

  // Every string in it but its `event` and `time`. A list of strings is taken to be the arguments
  // of a program, and any other string a text. Patterns see all of a list with a space between
  // each two, so that a secret can be known by the argument before it; what is taken out ends with
  // its argument.
  Redacted apply(nlohmann::json event) const;

  // The same for one text of raw bytes, not escaped and not cut.
  std::string redact(std::string_view text) const;

 private:
  Redactor(redaction::Patterns patterns, std::string key);

  void walk(nlohmann::json& value) const;
  void walk_list(nlohmann::json& list) const;
  std::string recorded(const std::string& text) const;
  std::string mark(std::string_view secret) const;
  std::string without(std::string_view text, redaction::Spans secrets) const;
  std::optional<redaction::Spans> find(std::string_view text) const;
  std::optional<std::vector<redaction::Spans>> find(std::span<const std::string> arguments) const;

  redaction::Patterns patterns_;
  std::string key_;
};

}  // namespace stayd::audit
