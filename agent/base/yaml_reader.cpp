// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_reader.h"

#include <algorithm>
#include <tuple>

namespace stayd {
namespace {

constexpr Position kMissing{0, 0};

}  // namespace

void YamlReader::fail(Position at, std::string_view what) {
  if (at.line == kMissing.line || faults_.size() == kMaxErrors) return;
  faults_.push_back({at, error_at(file_, at, what)});
}

void YamlReader::fail(const Error& error) {
  if (faults_.size() < kMaxErrors) faults_.push_back({kMissing, error});
}

std::optional<Error> YamlReader::error() const {
  if (faults_.empty()) return std::nullopt;
  return faults_.front().error;
}

std::vector<Error> YamlReader::errors() const {
  std::vector<Fault> sorted = faults_;
  std::sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.at.line, a.at.column, a.error.message) <
           std::tie(b.at.line, b.at.column, b.error.message);
  });
  std::vector<Error> errors;
  for (const Fault& each : sorted) errors.push_back(each.error);
  return errors;
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
  }
  return true;
}

const YamlNode& YamlReader::need(const YamlNode& map, std::string_view key,
                                 std::string_view example) {
  static const YamlNode kNothing{YamlNode::Kind::null, kMissing, {}, {}, {}};
  if (const YamlNode* node = map.find(key)) return *node;
  fail(map.at, in_quotes(key) + " is missing; add '" + std::string(example) + "'");
  return kNothing;
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
