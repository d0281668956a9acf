// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stayd {

// Reads the members of a JSON object once each. The first thing that is wrong is kept
// and returned by finish(), as is any member that nobody read; until then, readers that
// failed return empty values.
class BodyReader {
 public:
  explicit BodyReader(std::string_view text);

  // A string of 1 to `longest` bytes.
  std::string required_text(const char* key, std::size_t longest);
  // A string of at most `longest` bytes; empty if absent.
  std::string optional_text(const char* key, std::size_t longest);
  // A whole number from 0 to `largest`; 0 if absent.
  std::int64_t optional_number(const char* key, std::int64_t largest);
  // A list of at most `most` strings of 1 to `longest` bytes; empty if absent.
  std::vector<std::string> optional_texts(const char* key, std::size_t most, std::size_t longest);
  // An object whose members are such strings or lists of them; empty if absent.
  std::vector<std::pair<std::string, std::vector<std::string>>> optional_lists(const char* key,
                                                                               std::size_t most,
                                                                               std::size_t longest);
  // Keeps `message` if nothing was wrong before.
  void fail(std::string message);

  Result<> finish();

 private:
  std::optional<nlohmann::json> take(const char* key);
  std::vector<std::string> texts_in(const nlohmann::json& value, const std::string& name,
                                    std::size_t most, std::size_t longest);

  nlohmann::json object_;
  std::optional<Error> problem_;
};

// The same for the part of a target after the '?': decimal numbers only.
class QueryReader {
 public:
  explicit QueryReader(std::string_view text);

  std::optional<std::uint64_t> number(const char* key, std::uint64_t largest);
  void fail(std::string message);
  Result<> finish();

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::optional<Error> problem_;
};

// Decimal digits and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace stayd
