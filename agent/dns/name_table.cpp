// SPDX-License-Identifier: Apache-2.0
#include "dns/name_table.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace stayd {

void NameTable::learn(const DnsAnswer& answer, BootTime now) {
  auto& by_name = entries_.get<ByName>();
  for (const NamedAddress& each : answer.addresses) {
    const BootTime ttl = std::chrono::seconds(each.ttl);
    const BootTime until = now + std::clamp<BootTime>(ttl, kLeast, kMax);
    auto known = by_name.find(std::make_tuple(answer.name, each.address));
    if (known == by_name.end()) {
      make_room(answer.name, each.address);
      by_name.insert({answer.name, each.address, until});
    } else if (known->until < until) {
      by_name.modify(known, [&](Entry& entry) { entry.until = until; });
    }
  }
}

void NameTable::make_room(const std::string& name, const Address& address) {
  const auto bound = [](auto& index, const auto& key, std::size_t most) {
    const auto [first, last] = index.equal_range(key);
    if (static_cast<std::size_t>(std::distance(first, last)) < most) return;
    index.erase(std::min_element(first, last,
                                 [](const Entry& a, const Entry& b) { return a.until < b.until; }));
  };
  bound(entries_.get<ByName>(), name, kMaxAddresses);
  bound(entries_.get<ByAddress>(), address, kMaxNames);
  auto& by_end = entries_.get<ByEnd>();
  if (entries_.size() >= kMaxEntries) by_end.erase(by_end.begin());
}

std::vector<std::string> NameTable::names_of(const Address& address, BootTime now) const {
  std::vector<std::string> names;
  const auto [first, last] = entries_.get<ByAddress>().equal_range(address);
  for (auto entry = first; entry != last; ++entry)
    if (entry->until > now) names.push_back(entry->name);
  return names;
}

std::vector<Address> NameTable::addresses_of(const std::string& name, BootTime now) const {
  std::vector<std::pair<BootTime, Address>> known;
  const auto [first, last] = entries_.get<ByName>().equal_range(name);
  for (auto entry = first; entry != last; ++entry)
    if (entry->until > now) known.emplace_back(entry->until, entry->address);
  std::ranges::sort(known, std::greater());
  std::vector<Address> addresses;
  for (const auto& [until, address] : known) addresses.push_back(address);
  return addresses;
}

bool NameTable::knows(const std::string& name, const Address& address, BootTime now) const {
  const auto& by_name = entries_.get<ByName>();
  const auto known = by_name.find(std::make_tuple(name, address));
  return known != by_name.end() && known->until > now;
}

BootTime NameTable::known_until(const Address& address, BootTime now) const {
  BootTime until = BootTime::max();
  const auto [first, last] = entries_.get<ByAddress>().equal_range(address);
  for (auto entry = first; entry != last; ++entry)
    if (entry->until > now) until = std::min(until, entry->until);
  return until == BootTime::max() ? now : until;
}

}  // namespace stayd
