// SPDX-License-Identifier: Apache-2.0
#include "names/name_table.h"

#include <algorithm>

namespace stayd {
namespace {

constexpr auto kUntil = [](const auto& a, const auto& b) { return a.second < b.second; };

template <class Addresses>
BootTime last_of(const Addresses& addresses) {
  return std::max_element(addresses.begin(), addresses.end(), kUntil)->second;
}

}  // namespace

void NameTable::learn(const DnsAnswer& answer, BootTime now) {
  if (answer.addresses.empty()) return;
  if (!names_.contains(answer.name)) make_room(now);
  Addresses& known = names_[answer.name];
  for (const NamedAddress& each : answer.addresses) {
    const BootTime ttl = std::chrono::seconds(each.ttl);
    const BootTime until = now + std::clamp<BootTime>(ttl, kLeast, kMost);
    if (known.size() == kMostAddresses && !known.contains(each.address))
      known.erase(std::min_element(known.begin(), known.end(), kUntil));
    known[each.address] = std::max(known[each.address], until);
  }
}

void NameTable::make_room(BootTime now) {
  if (names_.size() < kMostNames) return;
  std::erase_if(names_, [&](const auto& name) { return last_of(name.second) <= now; });
  if (names_.size() < kMostNames) return;
  names_.erase(std::min_element(names_.begin(), names_.end(), [](const auto& a, const auto& b) {
    return last_of(a.second) < last_of(b.second);
  }));
}

std::vector<std::string> NameTable::names_of(const Address& address, BootTime now) const {
  std::vector<std::string> names;
  for (const auto& [name, addresses] : names_)
    if (auto found = addresses.find(address); found != addresses.end() && found->second > now)
      names.push_back(name);
  return names;
}

BootTime NameTable::known_until(const Address& address, BootTime now) const {
  BootTime until = BootTime::max();
  for (const auto& [name, addresses] : names_)
    if (auto found = addresses.find(address); found != addresses.end() && found->second > now)
      until = std::min(until, found->second);
  return until == BootTime::max() ? now : until;
}

}  // namespace stayd
