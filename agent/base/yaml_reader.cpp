// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_reader.h"

#include <algorithm>

namespace stayd {

void YamlReader::fail(Position at, std::string_view what) {
  if (!error_) error_ = error_at(file_, at, what);
}

void YamlReader::fail(const Error& error) {
  if (!error_) error_ = error;
}

bool YamlReader::check_text(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::text && !node.text.empty()) return true;
  fail(node.at, in_quotes(what) + " must be a text; write one value");
  return false;
}

bool YamlReader::check_map(const YamlNode& node, std::string_view what,
                           std::span<const std::string_view> keys) {
  if (node.kind != YamlNode::Kind::map) {
    std::string first(keys.empty() ? "NAME" : keys.front());
    fail(node.at, std::string(what) + " must be a map; write '" + first + ": ...' below it");
    return false;
  }
  for (const YamlEntry& entry : node.entries) {
    if (keys.empty() || std::ranges::find(keys, entry.key) != keys.end()) continue;
    fail(entry.at, "unknown key " + in_quotes(entry.key) + "; " +
                       suggest(entry.key, {keys.begin(), keys.end()}));
    break;
  }
  return true;
}

const YamlNode& YamlReader::need(const YamlNode& map, std::string_view key,
                                 std::string_view example) {
  static const YamlNode kMissing;
  if (const YamlNode* node = map.find(key)) return *node;
  fail(map.at, in_quotes(key) + " is missing; add '" + std::string(example) + "'");
  return kMissing;
}

std::string YamlReader::text_of(const YamlNode& map, std::string_view key,
                                std::string_view example) {
  const YamlNode* node = map.find(key);
  if (node && node->kind == YamlNode::Kind::text && !node->text.empty()) return node->text;
  fail(node ? node->at : map.at,
       in_quotes(key) + " must be a text; write '" + std::string(example) + "'");
  return {};
}

}  // namespace stayd
