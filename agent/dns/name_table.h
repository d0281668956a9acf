// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multi_index/composite_key.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "dns/dns_message.h"

namespace stayd {

// Time since boot.
using BootTime = std::chrono::nanoseconds;

// The names that addresses stood for, as one workload was told. A name is kept for its TTL, but at
// least kLeast: a program looks a name up, then connects when it gets to it, and again when its
// pool has dropped a connection. Only new connections are judged by it. Bounded: what expires first
// makes room, of the same name or address if that one has too many.
class NameTable {
 public:
  static constexpr std::chrono::minutes kLeast{5};
  static constexpr std::chrono::hours kMax{24};
  static constexpr std::size_t kMaxEntries = 8192;               // names times addresses
  static constexpr std::size_t kMaxAddresses = kMaxInOneAnswer;  // of one name
  static constexpr std::size_t kMaxNames = 256;                  // of one address

  void learn(const DnsAnswer& answer, BootTime now);

  // Sorted.
  std::vector<std::string> names_of(const Address& address, BootTime now) const;
  // The addresses that the name stands for; the last to be forgotten first.
  std::vector<Address> addresses_of(const std::string& name, BootTime now) const;
  bool knows(const std::string& name, const Address& address, BootTime now) const;
  // Returns when the first of them ceases to be known; `now` if there is none.
  BootTime known_until(const Address& address, BootTime now) const;

 private:
  struct Entry {
    std::string name;
    Address address;
    BootTime until;
  };
  struct ByName;
  struct ByAddress;
  struct ByEnd;
  using NameKey = boost::multi_index::composite_key<
      Entry, boost::multi_index::member<Entry, std::string, &Entry::name>,
      boost::multi_index::member<Entry, Address, &Entry::address>>;
  using AddressKey = boost::multi_index::composite_key<
      Entry, boost::multi_index::member<Entry, Address, &Entry::address>,
      boost::multi_index::member<Entry, std::string, &Entry::name>>;
  using EndKey = boost::multi_index::member<Entry, BootTime, &Entry::until>;
  using Entries = boost::multi_index_container<
      Entry, boost::multi_index::indexed_by<
                 boost::multi_index::ordered_unique<boost::multi_index::tag<ByName>, NameKey>,
                 boost::multi_index::ordered_unique<boost::multi_index::tag<ByAddress>, AddressKey>,
                 boost::multi_index::ordered_non_unique<boost::multi_index::tag<ByEnd>, EndKey>>>;

  void make_room(const std::string& name, const Address& address);

  Entries entries_;
};

}  // namespace stayd
