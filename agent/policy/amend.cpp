// SPDX-License-Identifier: Apache-2.0
#include "policy/amend.h"

#include <algorithm>

#include "base/yaml.h"
#include "policy/parser.h"
#include "policy/values.h"

namespace stayd {
namespace {

std::size_t line_start(std::string_view text, int line) {
  std::size_t at = 0;
  for (; line > 1 && at < text.size(); --line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return at;
}

// The place where a list or map begins: its bracket, or its first '-' or key.
class Opening {
 public:
  Opening(std::string_view text, Position at)
      : text_(text),
        line_(line_start(text, at.line)),
        offset_(std::min(line_ + static_cast<std::size_t>(at.column) - 1, text.size())) {}

  bool is(char c) const { return offset_ < text_.size() && text_[offset_] == c; }
  // True if nothing but its indentation is before it in its line.
  bool begins_line() const {
    return text_.substr(line_, offset_ - line_).find_first_not_of(' ') == std::string_view::npos;
  }
  std::string indentation() const { return std::string(offset_ - line_, ' '); }
  std::size_t line() const { return line_; }
  std::size_t after() const { return offset_ + 1; }

 private:
  std::string_view text_;
  std::size_t line_, offset_;
};

// `flow` between brackets, before what is there; or `block`, a line of its own.
Result<> insert(std::string& text, const YamlNode& into, const std::string& flow,
                const std::string& block, std::string_view file) {
  const Opening opening(text, into.at);
  const bool is_list = into.kind == YamlNode::Kind::list;
  const bool is_empty = into.items.empty() && into.entries.empty();
  if (opening.is(is_list ? '[' : '{')) {
    text.insert(opening.after(), flow + (is_empty ? "" : ", "));
    return {};
  }
  if (is_empty || !opening.begins_line() || (is_list && !opening.is('-')))
    return error_at(file, into.at, "cannot be added to; write one entry per line, or in brackets");
  text.insert(opening.line(), opening.indentation() + block + "\n");
  return {};
}

// "read: {allow: [X]}" for what is missing.
std::string nested(const std::vector<std::string>& keys, std::size_t from,
                   const std::string& item) {
  std::string result = keys[from] + ": ";
  if (from + 1 == keys.size()) return result + "[" + item + "]";
  return result + "{" + nested(keys, from + 1, item) + "}";
}

Result<> add(std::string& text, const Allowance& allowance, std::string_view file) {
  Result<YamlNode> root = parse_yaml(text, file);
  if (!root) return root.error();
  std::vector<std::string> keys = allowance.section;
  keys.emplace_back("allow");
  const std::string item = yaml_text(allowance.entry);
  const YamlNode* node = &*root;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const YamlNode* next = node->find(keys[i]);
    if (!next) {
      const std::string missing = nested(keys, i, item);
      return insert(text, *node, missing, missing, file);
    }
    node = next;
  }
  if (node->kind != YamlNode::Kind::list) return error_at(file, node->at, "'allow' must be a list");
  return insert(text, *node, item, "- " + item, file);
}

}  // namespace

Result<std::string> with_allowed(std::string text, const std::vector<Allowance>& allowances,
                                 std::string_view file, const PackSource& packs) {
  for (const Allowance& each : allowances)
    if (Result<> added = add(text, each, file); !added) return added.error();
  if (Result<Policy> parsed = parse_policy(text, file, packs); !parsed) return parsed.error();
  return {boost::system::in_place_value, std::move(text)};
}

}  // namespace stayd
