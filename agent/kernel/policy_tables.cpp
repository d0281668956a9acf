// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernel/tables.h"

namespace stayd {
namespace {

stayd_node_key node_key(std::uint32_t policy, const Identity& identity) {
  return {.inode = identity.inode, .device = identity.device, .policy = policy};
}

stayd_prefix_key prefix_key(std::uint32_t policy, const Prefix& prefix) {
  stayd_prefix_key key{.prefix_bits = 32 + prefix.bits, .policy = policy, .address = {}};
  std::memcpy(key.address, prefix.address.data(), sizeof(key.address));
  return key;
}

stayd_entry_key entry_key(std::uint32_t policy, const DirectoryEntry& entry,
                          const SipHashKey& hash) {
  return {.inode = entry.directory.inode,
          .name = siphash(hash, entry.name),
          .device = entry.directory.device,
          .policy = policy};
}

stayd_name_key name_key(std::uint32_t policy, const KernelName& name, const SipHashKey& hash) {
  return {.name = siphash(hash, name.name), .kind = name.kind, .policy = policy};
}

stayd_resolved_key resolved_key(std::uint32_t policy, const Address& address) {
  stayd_resolved_key key{.address = {}, .policy = policy, .reserved = 0};
  std::memcpy(key.address, address.data(), sizeof(key.address));
  return key;
}

}  // namespace

Result<> Tables::write_policy(std::uint32_t id, const CompiledPolicy& policy) {
  const SipHashKey& hash = hash_key_;
  Map<stayd_node_key, stayd_node>::Batch nodes;
  for (const auto& [identity, node] : policy.nodes) nodes.add(node_key(id, identity), node);
  Map<stayd_entry_key, stayd_entry>::Batch entries;
  for (const WatchedEntry& each : policy.entries)
    entries.add(entry_key(id, each.entry, hash), {.node = each.node,
                                                  .inode = each.expected.inode,
                                                  .device = each.expected.device,
                                                  .reserved = 0});
  Map<stayd_name_key, stayd_node>::Batch names;
  for (const KernelName& each : policy.names) names.add(name_key(id, each, hash), each.node);
  Map<stayd_prefix_key, stayd_prefix>::Batch prefixes;
  for (const auto& [prefix, rules] : policy.prefixes) prefixes.add(prefix_key(id, prefix), rules);
  Map<stayd_resolved_key, std::uint32_t>::Batch resolvers;
  for (const Address& each : policy.resolvers) resolvers.add(resolved_key(id, each), 1);

  for (Result<> written : {maps_.policy_nodes.write(nodes, "policy nodes"),
                           maps_.policy_entries.write(entries, "policy entries"),
                           maps_.policy_names.write(names, "policy names"),
                           maps_.policy_prefixes.write(prefixes, "policy prefixes"),
                           maps_.dns_resolvers.write(resolvers, "DNS resolvers")})
    if (!written) return written;
  return maps_.policies.put(id, policy.settings, "policy");
}

void Tables::remove_policy(std::uint32_t id, const CompiledPolicy& policy) {
  const SipHashKey& hash = hash_key_;
  wait_for_programs();
  maps_.policies.erase(id);
  const auto keys = [](const auto& entries, auto key_of) {
    std::vector<decltype(key_of(*entries.begin()))> result;
    result.reserve(entries.size());
    for (const auto& each : entries) result.push_back(key_of(each));
    return result;
  };
  maps_.policy_nodes.erase_all(
      keys(policy.nodes, [&](const auto& each) { return node_key(id, each.first); }));
  maps_.policy_entries.erase_all(
      keys(policy.entries, [&](const auto& each) { return entry_key(id, each.entry, hash); }));
  maps_.policy_names.erase_all(
      keys(policy.names, [&](const auto& each) { return name_key(id, each, hash); }));
  maps_.policy_prefixes.erase_all(
      keys(policy.prefixes, [&](const auto& each) { return prefix_key(id, each.first); }));
  maps_.dns_resolvers.erase_all(
      keys(policy.resolvers, [&](const Address& each) { return resolved_key(id, each); }));
  if (!policy.hosts.empty())
    maps_.resolved_addresses.for_each_key([&](const stayd_resolved_key& key) {
      if (key.policy == id) maps_.resolved_addresses.erase(key);
    });
}

void Tables::keep_judged(const stayd_judged& value) { maps_.judged.set(value.key, value); }

void Tables::set_resolved(std::uint32_t id, const Address& address,
                          const std::optional<stayd_resolved>& value) {
  const stayd_resolved_key key = resolved_key(id, address);
  if (!value) {
    maps_.resolved_addresses.erase(key);
    return;
  }
  stayd_resolved numbered = *value;
  numbered.serial = ++last_serial_;
  maps_.resolved_addresses.set(key, numbered);
}

}  // namespace stayd
