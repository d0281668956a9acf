// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "names/dns_message.h"

namespace stayd {

// Time since boot.
using BootTime = std::chrono::nanoseconds;

// Which names an address stood for, as one workload was told. A name is kept for its TTL, but
// at least kLeast: a program looks a name up, then connects when it gets to it, and again when
// its pool has dropped a connection. Only new connections are judged by it. Bounded: the name
// that expires first makes room.
class NameTable {
 public:
  static constexpr std::chrono::minutes kLeast{5};
  static constexpr std::chrono::hours kMost{24};
  static constexpr std::size_t kMostNames = 4096;
  static constexpr std::size_t kMostAddresses = 64;  // of one name

  void learn(const DnsAnswer& answer, BootTime now);

  // Sorted.
  std::vector<std::string> names_of(const Address& address, BootTime now) const;
  // When the first of them stops to be known; `now` if there is none.
  BootTime known_until(const Address& address, BootTime now) const;

 private:
  void make_room(BootTime now);

  using Addresses = std::map<Address, BootTime>;  // until when
  std::map<std::string, Addresses> names_;
};

}  // namespace stayd
