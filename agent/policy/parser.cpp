// SPDX-License-Identifier: Apache-2.0
#include "policy/parser.h"

#include <algorithm>
#include <iterator>

#include "policy/policy_reader.h"

namespace stayd {
namespace {

std::size_t count_places(const Policy& policy) {
  std::size_t count = 0;
  for (const PathRule& rule : policy.paths)
    count += what_of(policy, rule).places.size() + what_of(policy, rule).patterns.size();
  return count;
}

}  // namespace

Result<Policy> PolicyReader::read(const YamlNode& root, const PackSource& packs) {
  if (check_map(root, "a policy", kPolicyKeys)) {
    Result<PackParts> parts = read_packs(root, policy_.file, packs);
    if (!parts) {
      fail(parts.error());
      return parts.error();
    }
    add_labels(*parts, policy_);
    for (std::size_t i = 0; i < policy_.labels.size(); ++i)
      label_indexes_.emplace(policy_.labels[i].name, i);
    policy_.name = read_name(need(root, "policy", "policy: NAME"));
    for_item(root.find("applies_to"), "applies_to", [&](auto& item) { read_applies_to(item); });
    if (auto* owner = root.find("owner")) read_owner(*owner);
    if (auto* user = root.find("user")) read_user(*user);
    if (auto* mode = root.find("mode")) read_mode(*mode);
    if (auto* loss = root.find("on_agent_loss")) read_agent_loss(*loss);
    if (auto* labels = root.find("labels")) read_labels(*labels);
    read_network(need(root, "network", "network: {default: hold}"));
    read_files(need(root, "files", "files: {default: hold}"));
    read_exec(need(root, "exec", "exec: {default: hold}"));
    for_item(root.find("flows"), "flows", [&](auto& item) { read_flow(item); });
    if (auto* approval = root.find("approval")) read_approval(*approval);
    add_rules(std::move(*parts), policy_);
    check_packs(root);
  }
  if (error()) return *error();
  return std::move(policy_);
}

// Checks what only shows once the rules of the packs are there.
void PolicyReader::check_packs(const YamlNode& root) {
  const YamlNode* use = root.find("use");
  if (!use) return;
  if (count_rules(policy_) > kMaxRules || count_places(policy_) > kMaxPlaces)
    fail(use->at, "with its packs, more than 65535 rules or 65536 places; use fewer packs");
  const auto need_resolver = [&](const Rule& rule) {
    if (rule.source == 0 || !policy_.resolvers.empty()) return;
    fail(use->at, "pack " + in_quotes(policy_.packs[rule.source - 1].name) +
                      " has rules about host names, which need a resolver to believe; add "
                      "'dns: [\"10.0.0.2\"]' under 'network'");
  };
  for (const HostRule& rule : policy_.hosts) need_resolver(rule.rule);
  for (const Flow& flow : policy_.flows)
    if (!flow.except_hosts.empty()) need_resolver(flow.rule);
}

Result<Policy> PolicyReader::read_pack(const YamlNode& root) {
  if (auto* labels = root.find("labels")) read_labels(*labels);
  if (auto* network = root.find("network")) read_network(*network);
  if (auto* files = root.find("files")) read_files(*files);
  if (auto* exec = root.find("exec")) read_exec(*exec);
  for_item(root.find("flows"), "flows", [&](auto& item) { read_flow(item); });
  if (error()) return *error();
  return std::move(policy_);
}

std::optional<Error> PolicyReader::fault_of_value(const YamlNode& value, bool destination) {
  Label scratch;
  if (check_text(value, "with")) {
    if (destination)
      read_destination(Verdict::hold, value, "");
    else
      read_place_or_pattern(value, scratch);
  }
  return error();
}

void PolicyReader::refuse_settings(const YamlNode& section, const std::string& name) {
  constexpr std::string_view kSettings[] = {"default", "unix", "dns", "confirm_dns"};
  for (const YamlEntry& entry : section.entries)
    if (std::ranges::find(kSettings, entry.key) != std::end(kSettings))
      fail(entry.at, in_quotes(name + "." + entry.key) +
                         " is for policies: a pack says nothing of what its rules do not name; "
                         "remove it");
}

Verdict PolicyReader::read_default(const YamlNode& section, const std::string& name, Position& at) {
  if (is_pack()) {
    refuse_settings(section, name);
    return Verdict::allow;
  }
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
  if (is_pack()) text.insert(0, "pack " + pack_ + ": ");
  Rule rule;
  rule.id = static_cast<std::uint32_t>(rules_);
  rule.verdict = verdict;
  rule.at = at;
  rule.text = std::move(text);
  rule.rule_class = rule_class_;
  return rule;
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

void PolicyReader::read_user(const YamlNode& node) {
  if (check_text(node, "user") && !is_name(node.text))
    fail(node.at, "bad user " + in_quotes(node.text) + "; write the name of a user of this host");
  policy_.user = node.text;
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
         "'- cgroup: ...', '- label: ...', '- user: ...' or '- group: ...' per line");
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
  } else if (entry.key == "user" || entry.key == "group") {
    applies.kind = entry.key == "user" ? Kind::user : Kind::group;
    if (!is_name(name))
      fail(entry.value.at,
           in_quotes(name) + " is not a " + entry.key + " of this host; write its name");
  }
  policy_.applies_to.push_back(std::move(applies));
}

Result<Policy> parse_policy(std::string_view text, std::string_view file_name,
                            const PackSource& packs) {
  Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return root.error();
  return parse_policy(*root, file_name, packs);
}

Result<Policy> parse_policy(const YamlNode& root, std::string_view file_name,
                            const PackSource& packs) {
  return PolicyReader(file_name).read(root, packs);
}

std::vector<Error> policy_errors(std::string_view text, std::string_view file_name,
                                 const PackSource& packs) {
  const Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return {root.error()};
  PolicyReader reader(file_name);
  (void)reader.read(*root, packs);
  return reader.errors();
}

}  // namespace stayd
