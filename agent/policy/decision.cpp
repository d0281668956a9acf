// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <algorithm>

namespace stayd {
namespace {

Judgement default_of(const CompiledPolicy& policy, Access access) {
  return {Verdict{policy.defaults.verdicts[static_cast<std::size_t>(access)]}, 0};
}

const stayd_node* find_node(const CompiledPolicy& policy, const Identity& identity) {
  auto found = std::lower_bound(
      policy.nodes.begin(), policy.nodes.end(), identity,
      [](const auto& node, const Identity& wanted) { return node.first < wanted; });
  if (found == policy.nodes.end() || found->first != identity) return nullptr;
  return &found->second;
}

}  // namespace

Judgement decide_network(const CompiledPolicy& policy, const Address& address, std::uint16_t port,
                         std::uint16_t protocol) {
  const std::pair<Prefix, stayd_prefix>* longest = nullptr;
  for (const auto& entry : policy.prefixes) {
    if (!contains(entry.first, address)) continue;
    if (!longest || entry.first.bits > longest->first.bits) longest = &entry;
  }
  for (std::size_t i = 0; longest && i < longest->second.count; i++) {
    const stayd_port_rule& rule = longest->second.rules[i];
    if (rule.protocol != 0 && rule.protocol != protocol) continue;
    if (port < rule.first || port > rule.last) continue;
    return {Verdict{rule.verdict}, rule.rule};
  }
  return default_of(policy, Access::network);
}

Judgement decide_file(const CompiledPolicy& policy, std::span<const Identity> object_to_root,
                      Access access) {
  auto i = static_cast<std::size_t>(access);
  for (const Identity& identity : object_to_root) {
    const stayd_node* node = find_node(policy, identity);
    if (!node || node->verdicts[i] == STAYD_VERDICT_UNSET) continue;
    return {Verdict{node->verdicts[i]}, node->rules[i]};
  }
  return default_of(policy, access);
}

Judgement decide_open(const CompiledPolicy& policy, std::span<const Identity> object_to_root,
                      bool read, bool write) {
  Judgement reading = decide_file(policy, object_to_root, Access::read);
  Judgement writing = decide_file(policy, object_to_root, Access::write);
  if (write && (!read || writing.verdict > reading.verdict)) return writing;
  return reading;
}

}  // namespace stayd
