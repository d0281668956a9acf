// SPDX-License-Identifier: Apache-2.0
#include "policy/compile_network.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/yaml.h"

namespace stayd {
namespace {

// The kernel looks up one prefix and takes the first rule that matches, so each prefix
// carries those of the prefixes around it after its own.
std::optional<Error> add_rules(const Policy& policy, std::vector<const NetworkRule*>& rules,
                               const stayd_prefix* parent, stayd_prefix& prefix) {
  std::size_t inherited = parent ? parent->count : 0;
  if (rules.size() + inherited > STAYD_PORT_RULES) {
    return error_at(policy.file, rules.front()->rule.at,
                    "more than " + std::to_string(STAYD_PORT_RULES) +
                        " rules for one address, those of wider prefixes included; "
                        "use port ranges or fewer nested prefixes");
  }
  for (const NetworkRule* rule : rules) {
    const Destinations& to = rule->destinations;
    prefix.rules[prefix.count++] = port_rule(rule->rule, to.first_port, to.last_port, to.protocol);
  }
  std::sort(prefix.rules, prefix.rules + prefix.count, is_more_specific);
  for (std::size_t i = 0; i < inherited; i++) prefix.rules[prefix.count++] = parent->rules[i];
  return std::nullopt;
}

}  // namespace

stayd_port_rule port_rule(const Rule& rule, std::uint16_t first_port, std::uint16_t last_port,
                          std::uint8_t protocol) {
  return {first_port, last_port, protocol, static_cast<std::uint8_t>(rule.verdict),
          static_cast<std::uint16_t>(rule.id)};
}

bool is_more_specific(const stayd_port_rule& a, const stayd_port_rule& b) {
  auto rank = [](const stayd_port_rule& rule) {
    return std::tuple(rule.last - rule.first, rule.protocol == 0, -rule.verdict, rule.rule);
  };
  return rank(a) < rank(b);
}

std::optional<Error> compile_prefixes(const Policy& policy, CompiledPolicy& compiled) {
  std::map<Prefix, std::vector<const NetworkRule*>> rules;
  for (const NetworkRule& rule : policy.network) {
    rules[rule.destinations.prefix].push_back(&rule);
    // An IPv6 prefix as wide as ::/0 covers the mapped addresses, but does not mean them:
    // this entry, empty or not, hides it from IPv4.
    rules.try_emplace(all_of_ipv4());
  }

  // A prefix comes before everything in it, so those that contain the next one are a stack.
  std::vector<std::size_t> around;
  for (auto& [prefix, own] : rules) {
    while (!around.empty() && !contains(compiled.prefixes[around.back()].first, prefix.address)) {
      around.pop_back();
    }
    const stayd_prefix* parent = nullptr;
    if (!around.empty()) {
      const auto& [outer, outer_entry] = compiled.prefixes[around.back()];
      if (is_ipv4(outer) == is_ipv4(prefix)) parent = &outer_entry;
    }
    stayd_prefix entry{};
    if (auto error = add_rules(policy, own, parent, entry)) return error;
    around.push_back(compiled.prefixes.size());
    compiled.prefixes.emplace_back(prefix, entry);
  }
  return std::nullopt;
}

}  // namespace stayd
