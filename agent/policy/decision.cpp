// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <algorithm>

#include "policy/compile_network.h"
#include "policy/glob.h"
#include "policy/tool_rule.h"

namespace stayd {
namespace {

constexpr std::size_t index(Access access) { return static_cast<std::size_t>(access); }

const stayd_node* find_node(const CompiledPolicy& policy, const Identity& identity) {
  auto found = std::lower_bound(
      policy.nodes.begin(), policy.nodes.end(), identity,
      [](const auto& node, const Identity& wanted) { return node.first < wanted; });
  if (found == policy.nodes.end() || found->first != identity) return nullptr;
  return &found->second;
}

const WatchedEntry* find_entry(const CompiledPolicy& policy, const DirectoryEntry& entry) {
  auto found = std::lower_bound(
      policy.entries.begin(), policy.entries.end(), entry,
      [](const WatchedEntry& each, const DirectoryEntry& wanted) { return each.entry < wanted; });
  if (found == policy.entries.end() || found->entry != entry) return nullptr;
  return &*found;
}

void unite(stayd_node& node, const stayd_node& other) {
  node.labels |= other.labels;
  node.flags |= other.flags & STAYD_NODE_DEFER;
}

void take_stricter_verdicts(stayd_node& node, const stayd_node& other) {
  for (std::size_t i = 0; i < STAYD_ACCESS_COUNT; i++) {
    if (other.verdicts[i] <= node.verdicts[i]) continue;
    node.verdicts[i] = other.verdicts[i];
    node.rules[i] = other.rules[i];
  }
}

// A pattern makes stricter what the walk, or else the default, says.
void take_pattern(const CompiledPolicy& policy, stayd_node& node, const stayd_node& pattern) {
  for (std::size_t i = 0; i < STAYD_ACCESS_COUNT; i++) {
    const std::uint8_t verdict =
        node.verdicts[i] == STAYD_VERDICT_UNSET ? policy.settings.verdicts[i] : node.verdicts[i];
    if (pattern.verdicts[i] <= verdict) continue;
    node.verdicts[i] = pattern.verdicts[i];
    node.rules[i] = pattern.rules[i];
  }
  unite(node, pattern);
}

void take_names(const CompiledPolicy& policy, stayd_node& node, std::string_view name) {
  const std::size_t dot = name.rfind('.');
  for (const KernelName& each : policy.names)
    if (each.kind == STAYD_NAME_EXACT && name == each.name) take_pattern(policy, node, each.node);
  for (const KernelName& each : policy.names)
    if (each.kind == STAYD_NAME_EXTENSION && dot != name.npos && name.substr(dot + 1) == each.name)
      take_pattern(policy, node, each.node);
}

RuleVerdict stricter_of(const RuleVerdict& a, const RuleVerdict& b) {
  return b.verdict > a.verdict ? b : a;
}

bool is_mapped(const Address& address) { return contains(all_of_ipv4(), address); }

}  // namespace

stayd_node walk(const CompiledPolicy& policy, const FileFacts& file) {
  stayd_node found{};
  for (std::size_t i = 0; i < file.steps.size(); i++) {
    const Step& step = file.steps[i];
    stayd_node level{};
    if (const stayd_node* node = find_node(policy, step.identity)) level = *node;
    if (i + 1 < file.steps.size()) {
      if (const WatchedEntry* entry = find_entry(policy, {file.steps[i + 1].identity, step.name})) {
        take_stricter_verdicts(level, entry->node);
        level.flags |= entry->node.flags & STAYD_NODE_EXEC_SAID;
        unite(level, entry->node);
      }
    }
    if (found.verdicts[STAYD_ACCESS_EXEC] == STAYD_VERDICT_UNSET)
      found.flags |= level.flags & STAYD_NODE_EXEC_SAID;
    for (std::size_t access = 0; access < STAYD_ACCESS_COUNT; access++) {
      if (found.verdicts[access] != STAYD_VERDICT_UNSET) continue;
      found.verdicts[access] = level.verdicts[access];
      found.rules[access] = level.rules[access];
    }
    unite(found, level);
  }
  if (!file.steps.empty()) take_names(policy, found, file.steps.front().name);
  if (policy.settings.flags & STAYD_POLICY_DEFER_FILES) found.flags |= STAYD_NODE_DEFER;
  return found;
}

stayd_node with_globs(const CompiledPolicy& policy, stayd_node node, std::string_view path) {
  for (const CompiledGlob& each : policy.globs)
    if (matches_path(each.glob, path)) take_pattern(policy, node, each.node);
  return node;
}

RuleVerdict judge_node(const CompiledPolicy& policy, const stayd_node& node, Access access) {
  if (node.verdicts[index(access)] == STAYD_VERDICT_UNSET)
    return {Verdict{policy.settings.verdicts[index(access)]}, 0};
  return {Verdict{node.verdicts[index(access)]}, node.rules[index(access)]};
}

RuleVerdict with_flows(const CompiledPolicy& policy, RuleVerdict rule_verdict, Access access,
                       std::uint64_t touched, std::uint16_t exempt) {
  for (std::size_t i = 0; i < policy.settings.flow_count; i++) {
    if ((exempt >> i & 1) != 0) continue;
    const stayd_flow& flow = policy.settings.flows[i];
    const std::uint8_t verdict = flow.verdicts[index(access)];
    if ((flow.labels & touched) != 0 && verdict > static_cast<std::uint8_t>(rule_verdict.verdict))
      rule_verdict = {Verdict{verdict}, flow.rule};
  }
  return rule_verdict;
}

namespace {

// Returns the kernel side's own verdict on a program.
RuleVerdict judge_by_place(const CompiledPolicy& policy, const stayd_node& node,
                           const ProgramFacts& program, std::uint64_t touched) {
  RuleVerdict rule_verdict =
      with_flows(policy, judge_node(policy, node, Access::exec), Access::exec, touched);
  for (std::uint32_t origin = 0; origin < STAYD_ORIGIN_COUNT; origin++) {
    const bool said = origin == STAYD_ORIGIN_WRITABLE && node.flags & STAYD_NODE_EXEC_SAID;
    const std::uint8_t verdict = policy.settings.origin_verdicts[origin];
    if (said || !(program.origins >> origin & 1) || verdict == STAYD_VERDICT_UNSET) continue;
    rule_verdict =
        stricter_of(rule_verdict, {Verdict{verdict}, policy.settings.origin_rules[origin]});
  }
  return rule_verdict;
}

// Returns allow if the rule does not match: that makes nothing stricter.
RuleVerdict judge_arguments(const ArgumentsRule& rule, std::string_view text, bool cut) {
  constexpr RuleVerdict kNothing{Verdict::allow, 0};
  if (!cut)
    return matches_text(rule.glob, text) ? RuleVerdict{rule.rule.verdict, rule.rule.id} : kNothing;
  // A pattern that ends in a star matches whatever follows.
  if (rule.glob.ends_with('*') && matches_text(rule.glob, text))
    return {rule.rule.verdict, rule.rule.id};
  if (!may_match_text(rule.glob, text)) return kNothing;
  return {std::min(rule.rule.verdict, Verdict::hold), rule.rule.id};
}

// A rule in doubt holds.
RuleVerdict judge_tools(const CompiledPolicy& policy, const ProgramFacts& program) {
  RuleVerdict rule_verdict{Verdict::allow, 0};
  if (policy.tools.empty()) return rule_verdict;
  const Invocations line = take_apart(program.path, program.arguments, program.arguments_cut);
  for (const ToolRule& each : policy.tools) {
    const Certainty certainty = match(each, line, program.looks_ahead).certainty;
    if (certainty == Certainty::no) continue;
    const Verdict most = certainty == Certainty::yes ? Verdict::deny : Verdict::hold;
    rule_verdict = stricter_of(rule_verdict, {std::min(each.rule.verdict, most), each.rule.id});
  }
  return rule_verdict;
}

}  // namespace

RuleVerdict judge_program(const CompiledPolicy& policy, const stayd_node& node,
                          const ProgramFacts& program, std::uint64_t touched) {
  stayd_node known = node;
  const ContentRule* content = nullptr;
  // A pack's only makes stricter what the places say.
  RuleVerdict of_packs{Verdict::allow, 0};
  for (const ContentRule& each : policy.contents) {
    if (program.sha256 != each.sha256) continue;
    if (each.rule.layer != 0) {
      of_packs = stricter_of(of_packs, {each.rule.verdict, each.rule.id});
      continue;
    }
    if (!content || each.rule.verdict > content->rule.verdict) content = &each;
  }
  if (content) {
    known.verdicts[STAYD_ACCESS_EXEC] = static_cast<std::uint8_t>(content->rule.verdict);
    known.rules[STAYD_ACCESS_EXEC] = static_cast<std::uint16_t>(content->rule.id);
    known.flags |= STAYD_NODE_EXEC_SAID;
    // The verdicts of patterns were in the node, and have just been overwritten.
    take_names(policy, known, program.path.substr(program.path.rfind('/') + 1));
  }
  // Between equals the kernel side's word comes first: a refusal of its own is not asked about.
  RuleVerdict rule_verdict = judge_by_place(policy, known, program, touched);
  rule_verdict = stricter_of(
      rule_verdict,
      judge_by_place(policy, with_globs(policy, known, program.path), program, touched));
  rule_verdict = stricter_of(rule_verdict, of_packs);
  const std::string text = policy.arguments.empty() ? "" : text_of(program.arguments);
  for (const ArgumentsRule& each : policy.arguments)
    rule_verdict = stricter_of(rule_verdict, judge_arguments(each, text, program.arguments_cut));
  return stricter_of(rule_verdict, judge_tools(policy, program));
}

bool matches(const HostRule& rule, std::string_view name) {
  if (rule.below && rule.name.empty()) return true;  // learning
  if (rule.name.find('*') != rule.name.npos) return matches_host(rule.name, rule.below, name);
  if (!rule.below) return name == rule.name;
  return name.size() > rule.name.size() + 1 && name.ends_with(rule.name) &&
         name[name.size() - rule.name.size() - 1] == '.';
}

bool matches_arguments(std::string_view glob, const std::vector<std::string>& arguments) {
  return matches_text(glob, text_of(arguments));
}

std::string text_of(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) {
    if (&argument == &arguments.front())
      text = argument.substr(argument.rfind('/') + 1);
    else
      text.append(" ").append(argument);
  }
  return text;
}

namespace {

// Those of the address itself, then what it inherits, then those of names above its own.
PortRules rules_of_layer(const NetworkLayer& layer, const Address& address,
                         const std::vector<std::string>& hosts) {
  const auto* around = longest_prefix(layer, address, 128);
  if (around && is_ipv4(around->first) != is_mapped(address)) around = nullptr;
  const auto* exact = longest_prefix(layer, address, 129);
  PortRules rules, below;
  if (exact && exact->first.bits == 128) {
    const PortRules& own = exact->second.rules;
    rules.assign(own.begin(), own.end() - static_cast<std::ptrdiff_t>(exact->second.inherited));
  }
  for (const HostRule& rule : layer.hosts) {
    const bool named = std::any_of(hosts.begin(), hosts.end(),
                                   [&](const std::string& host) { return matches(rule, host); });
    if (named)
      (rule.is_pattern() ? below : rules)
          .push_back(port_rule(rule.rule, rule.first_port, rule.last_port, rule.protocol));
  }
  std::sort(rules.begin(), rules.end(), is_more_specific);
  std::sort(below.begin(), below.end(), is_more_specific);
  if (around) rules.insert(rules.end(), around->second.rules.begin(), around->second.rules.end());
  rules.insert(rules.end(), below.begin(), below.end());
  return rules;
}

}  // namespace

stayd_prefix rules_for_address(const CompiledPolicy& policy, const Address& address,
                               const std::vector<std::string>& hosts) {
  std::vector<PortRules> by_layer;
  for (const NetworkLayer& layer : policy.network)
    by_layer.push_back(rules_of_layer(layer, address, hosts));
  if (by_layer.empty()) return {};
  const Verdict otherwise{policy.settings.verdicts[STAYD_ACCESS_NETWORK]};
  return bounded(with_exceptions(combine(by_layer, otherwise), policy, {address, 128}, hosts));
}

RuleVerdict judge_destination(const CompiledPolicy& policy, const DestinationFacts& destination,
                              std::uint64_t touched) {
  const stayd_prefix prefix = rules_for_address(policy, destination.address, destination.hosts);
  for (std::size_t i = 0; i < prefix.count; i++) {
    const stayd_port_rule& rule = prefix.rules[i];
    if (rule.protocol != 0 && rule.protocol != destination.protocol) continue;
    if (destination.port < rule.first || destination.port > rule.last) continue;
    return with_flows(policy, {Verdict{rule.verdict}, rule.rule}, Access::network, touched,
                      rule.exempt);
  }
  return with_flows(policy, {Verdict{policy.settings.verdicts[STAYD_ACCESS_NETWORK]}, 0},
                    Access::network, touched);
}

}  // namespace stayd
