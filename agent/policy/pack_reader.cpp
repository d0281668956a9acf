// SPDX-License-Identifier: Apache-2.0
#include "policy/pack_reader.h"

#include <algorithm>
#include <iterator>

#include "policy/keys.h"
#include "policy/parser.h"
#include "policy/policy_reader.h"

namespace stayd {
namespace {

constexpr std::string_view kSections[] = {"labels", "network", "files", "exec", "flows"};
// Not a parameter: the workload's user.
constexpr std::string_view kUid = "$uid";

// "customer-data" of "$customer-data/x"; empty: the text begins with no parameter.
std::string_view parameter_of(std::string_view text) {
  if (!text.starts_with('$')) return {};
  std::size_t end = 1;
  while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) ||
                               std::isdigit(static_cast<unsigned char>(text[end])) ||
                               text[end] == '-' || text[end] == '_'))
    ++end;
  if (text.substr(0, end) == kUid) return {};
  return text.substr(1, end - 1);
}

bool is_parameter(std::string_view name) {
  return is_name(name) && parameter_of("$" + std::string(name)) == name;
}

// The node with the text of an item, "TEXT" or "{what: TEXT, class: CLASS}"; nullptr: it has none.
const YamlNode* text_in(const YamlNode& item) {
  if (item.kind == YamlNode::Kind::text) return &item;
  const YamlNode* what = item.find("what");
  return what && what->kind == YamlNode::Kind::text ? what : nullptr;
}

void set_text(YamlNode& item, std::string text) {
  if (item.kind == YamlNode::Kind::text)
    item.text = std::move(text);
  else
    for (YamlEntry& entry : item.entries)
      if (entry.key == "what") entry.value.text = text;
}

// True if both are written alike, wherever they stand; the order of keys does not count.
bool is_same(const YamlNode& a, const YamlNode& b) {
  if (a.kind != b.kind || a.text != b.text || a.entries.size() != b.entries.size()) return false;
  return std::ranges::equal(a.items, b.items, is_same) &&
         std::ranges::all_of(a.entries, [&](const YamlEntry& entry) {
           const YamlNode* other = b.find(entry.key);
           return other && is_same(entry.value, *other);
         });
}

// Removes the items that are `wanted`, with a class or without, from all lists below the node;
// returns whether any was.
bool take_out(YamlNode& node, const YamlNode& wanted) {
  const std::size_t removed = std::erase_if(node.items, [&](const YamlNode& item) {
    const YamlNode* text = text_in(item);
    return is_same(item, wanted) || (text && is_same(*text, wanted));
  });
  bool any = removed > 0;
  for (YamlNode& item : node.items) any |= take_out(item, wanted);
  for (YamlEntry& entry : node.entries) any |= take_out(entry.value, wanted);
  return any;
}

}  // namespace

std::vector<YamlNode> values_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::list) return node.items;
  return {node};
}

Result<PackHead> PackReader::read_head(const std::string& name) {
  PackHead head;
  if (check_map(root_, "a pack", kPackKeys)) {
    const YamlNode& named = need(root_, "pack", "pack: " + name);
    if (check_text(named, "pack") && named.text != name)
      fail(named.at, "the pack " + in_quotes(named.text) + " is in the file of " + in_quotes(name) +
                         "; give file and pack the same name");
    head.about = text_of(root_, "about", "about: what it is for, in a sentence");
    for_item(root_.find("use"), "use", [&](const YamlNode& item) {
      if (check_text(item, "use")) head.uses.push_back(item);
    });
    const YamlNode* parameters = root_.find("parameters");
    if (parameters && check_map(*parameters, "'parameters'", {}))
      for (const YamlEntry& entry : parameters->entries) read_parameter(entry, head);
  }
  if (error()) return *error();
  return head;
}

void PackReader::read_parameter(const YamlEntry& entry, PackHead& head) {
  PackParameter parameter;
  parameter.name = entry.key;
  if (!is_parameter(entry.key))
    fail(entry.at, "bad name " + in_quotes(entry.key) +
                       "; write lower-case letters, digits, '-' or '_', and not 'uid'");
  if (!check_map(entry.value, "a parameter", kParameterKeys)) return;
  parameter.means = text_of(entry.value, "means", "means: what the policy has to say");
  parameter.example = text_of(entry.value, "example", "example: /srv/customers");
  if (const YamlNode* kind = entry.value.find("kind")) {
    if (kind->text == "network")
      parameter.kind = PackParameter::Kind::network;
    else if (kind->text != "files")
      fail(kind->at, shown(*kind) + " is not a kind of parameter; write 'files' or 'network'");
  }
  if (const YamlNode* fallback = entry.value.find("default")) {
    parameter.has_default = true;
    for_item(fallback, "default", [&](const YamlNode& item) {
      if (check_text(item, "default")) parameter.values.push_back(item);
    });
  }
  head.parameters.push_back(std::move(parameter));
}

void PackReader::expand(YamlNode& node, const PackValues& values) {
  std::vector<YamlNode> expanded;
  for (YamlNode& item : node.items) {
    const YamlNode* text = text_in(item);
    const std::string name(text ? parameter_of(text->text) : std::string_view());
    if (name.empty()) {
      expand(item, values);
      expanded.push_back(std::move(item));
      continue;
    }
    const auto found = values.find(name);
    if (found == values.end()) {
      fail(item.at, "unknown parameter " + in_quotes("$" + name) + "; add it to 'parameters'");
      continue;
    }
    const std::string rest = text->text.substr(name.size() + 1);
    filled_in_ += found->second.size();
    if (filled_in_ > kMaxPlaces)
      return fail(item.at, "parameters stand for more than 65536 entries; give fewer values");
    for (const YamlNode& value : found->second) {
      YamlNode one = item;
      set_text(one, (value.text == "/" && rest.starts_with('/') ? "" : value.text) + rest);
      expanded.push_back(std::move(one));
    }
  }
  node.items = std::move(expanded);
  for (YamlEntry& entry : node.entries) expand(entry.value, values);
}

Result<Policy> PackReader::read_rules(const std::string& name, const PackValues& values,
                                      const std::vector<YamlNode>& without,
                                      std::vector<YamlNode>& missing) {
  YamlNode root = root_;
  std::vector<YamlNode*> sections;
  for (YamlEntry& entry : root.entries)
    if (std::ranges::find(kSections, entry.key) != std::end(kSections))
      sections.push_back(&entry.value);
  for (const YamlNode& each : without) {
    bool any = false;
    for (YamlNode* section : sections) any |= take_out(*section, each);
    if (!any) missing.push_back(each);
  }
  for (YamlNode* section : sections) expand(*section, values);
  if (error()) return *error();
  return PolicyReader(file_, name).read_pack(root);
}

}  // namespace stayd
