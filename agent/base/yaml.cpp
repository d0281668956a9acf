// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "base/escape.h"

namespace stayd {
namespace {

// Bytes of the character that `text` starts with; 0 if it is not valid UTF-8.
std::size_t utf8_length(std::string_view text) {
  unsigned char lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; i++) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  unsigned char second = static_cast<unsigned char>(text[1]);
  bool too_long = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  bool surrogate_or_too_big = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
  return too_long || surrogate_or_too_big ? 0 : length;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// yaml-cpp takes byte 4 for the end of the file: without this check the rest of a policy
// could vanish unseen.
std::optional<Error> check_characters(std::string_view text, std::string_view file) {
  Position at;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return error_at(file, at, "not UTF-8; save the file as UTF-8");
    bool newline = text[i] == '\n';
    if (is_control(text[i]) && !newline && text[i] != '\r' && text[i] != '\t') {
      return error_at(file, at, "a control character; remove it");
    }
    at = newline ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    i += length;
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1 && !text.empty(); line--)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

// Replaces the messages of yaml-cpp about common slips, which do not help and may name a line too
// late.
Error bad_yaml(std::string_view text, std::string_view file, Position at, const std::string& what) {
  for (int line : {at.line - 1, at.line}) {
    const std::string_view shown = line_of(text, line);
    const std::size_t tab = shown.find('\t');
    if (line > 0 && tab < shown.find_first_not_of(" \t"))
      return error_at(file, {line, static_cast<int>(tab) + 1},
                      "a tab in the indentation; use spaces");
  }
  const std::string_view rest =
      line_of(text, at.line)
          .substr(std::min<std::size_t>(at.column - 1, line_of(text, at.line).size()));
  if (!rest.empty() && std::string_view("*@`%").find(rest.front()) != std::string_view::npos)
    return error_at(file, at,
                    "a value that begins with '" + std::string(1, rest.front()) +
                        "' needs quotes; write \"" + std::string(1, rest.front()) + "...\"");
  return error_at(file, at,
                  "bad YAML: " + escape(what, 120) +
                      "; check indentation, quotes, and the space after each ':'");
}

Position position(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

// The way to stop yaml-cpp early; never leaves this file.
struct Refused : YAML::ParserException {
  using YAML::ParserException::ParserException;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

 private:
  // A list or map that is not complete; of a map, also the key whose value comes next.
  struct Open {
    YamlNode node;
    std::optional<std::pair<std::string, Position>> key;
    std::set<std::string> keys;
  };

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    throw Refused(mark, "anchors are not supported here; write the value out");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused(mark, "aliases are not supported here; write the value out");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    add(leaf(YamlNode::Kind::null, mark), mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    if (std::any_of(value.begin(), value.end(), is_control)) {
      throw Refused(mark, "a control character in a value; remove it");
    }
    YamlNode node = leaf(YamlNode::Kind::text, mark);
    node.text = value;
    add(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(YamlNode::Kind::list, mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(YamlNode::Kind::map, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  static YamlNode leaf(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.at = position(mark);
    return node;
  }

  // "?" and "!" are yaml-cpp's own tags for plain and quoted values.
  static void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      throw Refused(mark, "anchors are not supported here; write the value out");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused(mark, "tags are not supported here; write the plain value");
    }
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (open_.size() == kMaxYamlDepth) {
      throw Refused(mark, "nested too deeply; write it flatter");
    }
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::map && !open_.back().key) {
      throw Refused(mark, "a list or map as a key; write a plain key");
    }
    open_.push_back({leaf(kind, mark), {}, {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node), {});
  }

  void add(YamlNode node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::text) {
        throw Refused(mark, "an empty key; write a plain key");
      }
      if (!parent.keys.insert(node.text).second) {
        throw Refused(mark, in_quotes(node.text) + " is here twice; merge the two");
      }
      parent.key.emplace(std::move(node.text), node.at);
    } else {
      // An empty value has no place of its own; yaml-cpp puts it on some later line.
      if (node.kind == YamlNode::Kind::null) node.at = parent.key->second;
      parent.node.entries.push_back(
          {std::move(parent.key->first), parent.key->second, std::move(node)});
      parent.key.reset();
    }
  }

  YamlNode root_;
  std::vector<Open> open_;
};

}  // namespace

std::string in_quotes(std::string_view text) { return "'" + escape(text, 80) + "'"; }

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Error error_at(std::string_view file, Position at, std::string_view what) {
  return Error{std::string(file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
               ": " + std::string(what)};
}

std::string shown(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::text:
      return in_quotes(node.text);
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::null:
      break;
  }
  return "nothing";
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file) {
  if (text.size() > kMaxYamlSize) {
    return error_at(file, {}, "larger than 1 MiB; say it with fewer entries");
  }
  if (auto error = check_characters(text, file)) return *error;

  TreeBuilder builder;
  TreeBuilder rest;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      return error_at(file, {}, "nothing in it; write 'KEY: VALUE'");
    }
    if (parser.HandleNextDocument(rest)) {
      return error_at(file, rest.take_root().at, "a second document; write one per file");
    }
  } catch (const Refused& e) {
    return error_at(file, position(e.mark), e.msg);
  } catch (const YAML::Exception& e) {
    return bad_yaml(text, file, position(e.mark), e.msg);
  } catch (const std::exception& e) {
    return error_at(file, {}, std::string("bad YAML: ") + e.what() + "; write it more simply");
  }
  return builder.take_root();
}

}  // namespace stayd
