// SPDX-License-Identifier: Apache-2.0
#include "policy/packs_said.h"

#include "policy/pack_reader.h"
#include "policy/values.h"

namespace stayd {
namespace {

std::vector<std::string> texts_in(const YamlNode* node) {
  std::vector<std::string> texts;
  if (!node) return texts;
  for (const YamlNode& each : values_of(*node))
    if (each.kind == YamlNode::Kind::text) texts.push_back(each.text);
  return texts;
}

// A name stays as it is, so that the line reads as people write it.
std::string shown_text(const std::string& text) {
  const bool is_plain = is_name(text) && text.front() >= 'a' && text.front() <= 'z';
  return is_plain && text != "null" ? text : yaml_text(text);
}

template <class List, class Show>
std::string joined(const List& list, Show show) {
  std::string text;
  for (const auto& each : list) text += (text.empty() ? "" : ", ") + show(each);
  return text;
}

std::string used_text(const PacksSaid::Used& used) {
  if (used.without.empty()) return shown_text(used.pack);
  return "{pack: " + shown_text(used.pack) + ", without: [" +
         joined(used.without, [](const std::string& each) { return each; }) + "]}";
}

}  // namespace

PacksSaid packs_said_in(const YamlNode& policy) {
  PacksSaid said;
  if (const YamlNode* use = policy.find("use")) {
    for (const YamlNode& each : use->items) {
      PacksSaid::Used used{.pack = each.text};
      if (const YamlNode* pack = each.find("pack")) used.pack = pack->text;
      if (const YamlNode* without = each.find("without"))
        for (const YamlNode& entry : without->items) used.without.push_back(to_yaml(entry));
      if (!used.pack.empty()) said.use.push_back(std::move(used));
    }
  }
  if (const YamlNode* with = policy.find("with"))
    for (const YamlEntry& entry : with->entries)
      said.with.emplace_back(entry.key, texts_in(&entry.value));
  said.trust = texts_in(policy.find("trust"));
  if (const YamlNode* user = policy.find("user")) said.user = user->text;
  return said;
}

std::string to_yaml(const PacksSaid& said) {
  std::string text;
  if (!said.user.empty()) text += "user: " + shown_text(said.user) + "\n";
  if (!said.use.empty()) text += "use: [" + joined(said.use, used_text) + "]\n";
  if (!said.with.empty())
    text += "with: {" +
            joined(said.with,
                   [](const auto& each) {
                     const std::string values = joined(each.second, yaml_text);
                     return shown_text(each.first) + ": " +
                            (each.second.size() == 1 ? values : "[" + values + "]");
                   }) +
            "}\n";
  if (!said.trust.empty()) text += "trust: [" + joined(said.trust, shown_text) + "]\n";
  return text;
}

std::string to_yaml(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::text:
      return yaml_text(node.text);
    case YamlNode::Kind::list:
      return "[" + joined(node.items, [](const YamlNode& each) { return to_yaml(each); }) + "]";
    case YamlNode::Kind::map:
      break;
  }
  return "{" +
         joined(node.entries,
                [](const YamlEntry& each) {
                  return shown_text(each.key) + ": " + to_yaml(each.value);
                }) +
         "}";
}

}  // namespace stayd
