// SPDX-License-Identifier: Apache-2.0
#include "policy/parser.h"

#include "policy/policy_reader.h"

namespace stayd {

Result<Policy> PolicyReader::read(const YamlNode& root) {
  if (check_map(root, "a policy", kPolicyKeys)) {
    policy_.name = read_name(need(root, "policy", "policy: NAME"));
    for_item(root.find("applies_to"), "applies_to", [&](auto& item) { read_applies_to(item); });
    if (auto* owner = root.find("owner")) read_owner(*owner);
    if (auto* mode = root.find("mode")) read_mode(*mode);
    if (auto* loss = root.find("on_agent_loss")) read_agent_loss(*loss);
    if (auto* labels = root.find("labels")) read_labels(*labels);
    read_network(need(root, "network", "network: {default: hold}"));
    read_files(need(root, "files", "files: {default: hold}"));
    read_exec(need(root, "exec", "exec: {default: hold}"));
    for_item(root.find("flows"), "flows", [&](auto& item) { read_flow(item); });
    if (auto* approval = root.find("approval")) read_approval(*approval);
  }
  if (error()) return *error();
  return std::move(policy_);
}

Verdict PolicyReader::read_default(const YamlNode& section, const std::string& name, Position& at) {
  const YamlNode* node = section.find("default");
  std::optional<Verdict> verdict;
  if (node) {
    verdict = parse_verdict(node->text);
    at = node->at;
  } else {
    fail(section.at, "'" + name + ".default' is missing; add 'default: hold'");
  }
  if (node && !verdict) {
    fail(node->at, shown(*node) + " is not a verdict; write allow, audit, hold or deny");
  }
  return verdict.value_or(Verdict::deny);
}

Rule PolicyReader::make_rule(Verdict verdict, Position at, std::string text) {
  if (++rules_ > kMaxRules) {
    fail(at, "more than 65535 rules; name wider prefixes and higher directories");
  }
  return {static_cast<std::uint32_t>(rules_), verdict, at, std::move(text), rule_class_};
}

// The text of "{what: TEXT, class: CLASS}"; other entries as they are.
const YamlNode& PolicyReader::read_entry(const YamlNode& item, std::string_view section) {
  if (item.kind != YamlNode::Kind::map) return item;
  rule_class_ = read_class(item);
  if (section == "exec" && !item.find("what")) return item;
  check_map(item, "an entry with a class", kEntryKeys);
  return need(item, "what", "what: customer-data");
}

RuleClass PolicyReader::read_class(const YamlNode& map) {
  const YamlNode* node = map.find("class");
  if (!node) return RuleClass::none;
  std::vector<std::string_view> known;
  for (const RuleClass each : kRuleClasses) {
    if (node->text == to_string(each)) return each;
    known.emplace_back(to_string(each));
  }
  fail(node->at, shown(*node) + " is not a class; " + suggest(node->text, known));
  return RuleClass::none;
}

std::string PolicyReader::read_name(const YamlNode& node) {
  if (check_text(node, "policy") && !is_name(node.text)) {
    fail(node.at, "bad name " + in_quotes(node.text) +
                      "; write at most 64 letters, digits, '.', '_' or '-'");
  }
  return node.text;
}

void PolicyReader::read_owner(const YamlNode& node) {
  if (check_text(node, "owner") && !is_person(node.text)) {
    fail(node.at, "bad owner " + in_quotes(node.text) + "; write a user name, or NAME@DOMAIN");
  }
  policy_.owner = node.text;
}

void PolicyReader::read_mode(const YamlNode& node) {
  policy_.observe = node.text == "observe";
  if (policy_.observe || node.text == "enforce") return;
  fail(node.at, shown(node) + " is not a mode; write 'enforce' or 'observe'");
}

void PolicyReader::read_agent_loss(const YamlNode& node) {
  policy_.allow_on_agent_loss = node.text == "allow";
  if (policy_.allow_on_agent_loss || node.text == "deny") return;
  fail(node.at, shown(node) +
                    " is not 'deny' or 'allow'; write 'deny' unless what would "
                    "be held may proceed while stayd is not running");
}

void PolicyReader::read_applies_to(const YamlNode& item) {
  using Kind = AppliesTo::Kind;
  if (!check_map(item, "an entry of 'applies_to'", kAppliesToKeys)) return;
  if (item.entries.size() != 1) {
    fail(item.at,
         "an entry of 'applies_to' names one thing; write one '- unit: ...', '- slice: ...', "
         "'- cgroup: ...' or '- label: ...' per line");
    return;
  }
  const YamlEntry& entry = item.entries.front();
  const std::string& name = entry.value.text;
  if (!check_text(entry.value, entry.key)) return;
  AppliesTo applies{Kind::unit, name};
  if (entry.key == "unit" && !is_unit(name)) {
    fail(entry.value.at,
         in_quotes(name) + " is not a unit; write NAME.service, NAME.scope or NAME.slice");
  } else if (entry.key == "slice") {
    applies.kind = Kind::slice;
    if (!is_unit(name) || !name.ends_with(".slice") || name.find_first_of("*?") != name.npos)
      fail(entry.value.at, in_quotes(name) + " is not a slice; write NAME.slice");
  } else if (entry.key == "cgroup") {
    applies.kind = Kind::cgroup;
    if (!is_cgroup(name))
      fail(entry.value.at, in_quotes(name) +
                               " is not a cgroup; write /ai.slice/x.scope, /ai.slice/*.scope, or "
                               "/ai.slice/** for all below it");
  } else if (entry.key == "label") {
    applies.kind = Kind::label;
    if (name.find('=') == name.npos || name.front() == '=')
      fail(entry.value.at, in_quotes(name) + " is not a container's label; write KEY=VALUE");
  }
  policy_.applies_to.push_back(std::move(applies));
}

Result<Policy> parse_policy(std::string_view text, std::string_view file_name) {
  Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return root.error();
  return PolicyReader(file_name).read(*root);
}

std::vector<Error> policy_errors(std::string_view text, std::string_view file_name) {
  const Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return {root.error()};
  PolicyReader reader(file_name);
  (void)reader.read(*root);
  return reader.errors();
}

}  // namespace stayd
