// SPDX-License-Identifier: Apache-2.0
#include "policy/compile_network.h"

#include <algorithm>
#include <map>

#include "base/yaml.h"
#include "policy/decision.h"

namespace stayd {
namespace {

using RulesByPrefix = std::map<Prefix, std::vector<const NetworkRule*>>;
using OfPrefix = NetworkLayer::OfPrefix;

Error too_many(const Policy& policy, const Rule& rule) {
  return error_at(file_of(policy, rule.source), rule.at,
                  "more than " + std::to_string(STAYD_PORT_RULES) +
                      " rules for one address, those of wider prefixes included; "
                      "use port ranges or fewer nested prefixes");
}

// A list is looked up by one prefix, so each carries those of the prefixes around it after its own.
OfPrefix rules_of(const std::vector<const NetworkRule*>& own, const OfPrefix* around) {
  OfPrefix entry;
  for (const NetworkRule* rule : own) {
    const Destinations& to = rule->destinations;
    entry.rules.push_back(port_rule(rule->rule, to.first_port, to.last_port, to.protocol));
  }
  std::sort(entry.rules.begin(), entry.rules.end(), is_more_specific);
  if (around) {
    entry.inherited = around->rules.size();
    entry.rules.insert(entry.rules.end(), around->rules.begin(), around->rules.end());
  }
  return entry;
}

std::optional<Error> compile_layer(const Policy& policy, const RulesByPrefix& rules,
                                   NetworkLayer& layer) {
  // A prefix comes before everything in it, so those that contain the next one are a stack.
  std::vector<std::size_t> around;
  for (const auto& [prefix, own] : rules) {
    while (!around.empty() && !contains(layer.prefixes[around.back()].first, prefix.address))
      around.pop_back();
    const OfPrefix* outer = nullptr;
    if (!around.empty()) {
      const auto& [outer_prefix, outer_entry] = layer.prefixes[around.back()];
      if (is_ipv4(outer_prefix) == is_ipv4(prefix)) outer = &outer_entry;
    }
    OfPrefix entry = rules_of(own, outer);
    if (!own.empty() && entry.rules.size() > STAYD_PORT_RULES)
      return too_many(policy, own.front()->rule);
    around.push_back(layer.prefixes.size());
    layer.prefixes.emplace_back(prefix, std::move(entry));
  }
  return std::nullopt;
}

// What the layer says of addresses in the prefix that are in no narrower one of any layer.
PortRules at_prefix(const NetworkLayer& layer, const Prefix& prefix) {
  const auto* entry = longest_prefix(layer, prefix.address, prefix.bits + 1);
  if (!entry || is_ipv4(entry->first) != is_ipv4(prefix)) return {};
  return entry->second.rules;
}

}  // namespace

const std::pair<Prefix, OfPrefix>* longest_prefix(const NetworkLayer& layer, const Address& address,
                                                  std::uint32_t shorter_than) {
  const std::pair<Prefix, OfPrefix>* longest = nullptr;
  for (const auto& entry : layer.prefixes) {
    if (entry.first.bits >= shorter_than || !contains(entry.first, address)) continue;
    if (!longest || entry.first.bits > longest->first.bits) longest = &entry;
  }
  return longest;
}

PortRules combine(const std::vector<PortRules>& by_layer, Verdict otherwise) {
  PortRules rules = by_layer.front();
  for (std::size_t i = 1; i < by_layer.size(); ++i)
    rules = stricter_of(rules, otherwise, by_layer[i]);
  return rules;
}

PortRules with_exceptions(PortRules rules, const CompiledPolicy& policy, const Prefix& prefix,
                          const std::vector<std::string>& hosts) {
  const Verdict otherwise{policy.settings.verdicts[STAYD_ACCESS_NETWORK]};
  const auto add = [&](std::uint16_t flows, const auto& to) {
    const stayd_port_rule exception = port_rule({}, to.first_port, to.last_port, to.protocol);
    rules = with_exception(rules, otherwise, exception, flows);
  };
  for (const ExemptAddresses& each : policy.exempt_addresses) {
    const Prefix& wide = each.destinations.prefix;
    if (wide.bits <= prefix.bits && contains(wide, prefix.address) &&
        is_ipv4(wide) == is_ipv4(prefix))
      add(each.flows, each.destinations);
  }
  for (const ExemptHost& each : policy.exempt_hosts)
    if (std::ranges::any_of(hosts, [&](const auto& host) { return matches(each.host, host); }))
      add(each.flows, each.host);
  return rules;
}

std::optional<Error> compile_prefixes(const Policy& policy, CompiledPolicy& compiled) {
  std::vector<RulesByPrefix> by_layer(policy.packs.size() + 1);
  // Those that something is about, with a rule to name in an error.
  std::map<Prefix, const Rule*> prefixes;
  for (const NetworkRule& rule : policy.network) {
    by_layer[rule.rule.layer][rule.destinations.prefix].push_back(&rule);
    prefixes.try_emplace(rule.destinations.prefix, &rule.rule);
    // An IPv6 prefix as wide as ::/0 covers the mapped addresses, but does not mean them:
    // this entry, empty or not, hides it from IPv4.
    by_layer[rule.rule.layer].try_emplace(all_of_ipv4());
    prefixes.try_emplace(all_of_ipv4(), &rule.rule);
  }
  for (const Flow& flow : policy.flows) {
    for (const Destinations& to : flow.except) {
      prefixes.try_emplace(to.prefix, &flow.rule);
      prefixes.try_emplace(all_of_ipv4(), &flow.rule);
    }
  }
  compiled.network.resize(by_layer.size());
  for (std::size_t i = 0; i < by_layer.size(); ++i)
    if (auto error = compile_layer(policy, by_layer[i], compiled.network[i])) return error;
  for (const HostRule& rule : policy.hosts) compiled.network[rule.rule.layer].hosts.push_back(rule);
  for (const auto& [prefix, rule] : prefixes) {
    std::vector<PortRules> lists;
    for (const NetworkLayer& layer : compiled.network) lists.push_back(at_prefix(layer, prefix));
    const PortRules rules =
        with_exceptions(combine(lists, policy.network_default), compiled, prefix, {});
    if (rules.size() > STAYD_PORT_RULES) return too_many(policy, *rule);
    compiled.prefixes.emplace_back(prefix, bounded(rules));
  }
  return std::nullopt;
}

}  // namespace stayd
