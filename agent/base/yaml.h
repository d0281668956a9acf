// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd {

inline constexpr std::size_t kMaxYamlSize = 1 << 20;
inline constexpr std::size_t kMaxYamlDepth = 16;

// In the file; both count from 1.
struct Position {
  int line = 1;
  int column = 1;
};

struct YamlEntry;

// A node of the part of YAML that holds no surprises: no anchors, tags or documents, no key twice,
// no control characters, bounded depth and size.
struct YamlNode {
  enum class Kind { null, text, list, map };
  Kind kind = Kind::null;
  Position at;
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  // in the order of the file

  const YamlNode* find(std::string_view key) const;  // nullptr: not there
};

struct YamlEntry {
  std::string key;
  Position at;
  YamlNode value;
};

// "FILE:LINE:COLUMN: WHAT"
Error error_at(std::string_view file, Position at, std::string_view what);

// For messages: bounded, one line, in single quotes.
std::string in_quotes(std::string_view text);

// Describes a node where a text was wanted: the quoted text, or "a list", "a map", "nothing".
std::string shown(const YamlNode& node);

// Exactly one document of UTF-8 text. `file` is for messages only.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file);

}  // namespace stayd
