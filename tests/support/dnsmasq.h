// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace stayd::test {

// A real resolver that knows example.org and nothing else, with a TTL of a second:
//
//   files.example.org                  127.9.0.1, fd53::9:1
//   alias.example.org                  by way of middle.example.org to files.example.org
//   many.example.org                   127.9.2.1 to 127.9.2.40: too many for one datagram
//   anything.wild.example.org          127.9.0.7, fd53::9:7
//   x-127-9-3-4.fresh.example.org      127.9.3.4, and so on
//
// `options` of dnsmasq's say more. Answers when the constructor returns, which throws
// std::runtime_error if it cannot.
class Dnsmasq {
 public:
  Dnsmasq(const std::vector<std::string>& addresses, std::uint16_t port,
          const std::vector<std::string>& options = {});
  ~Dnsmasq();
  Dnsmasq(const Dnsmasq&) = delete;
  Dnsmasq& operator=(const Dnsmasq&) = delete;

  pid_t pid() const { return pid_; }

 private:
  void wait_until_it_listens();

  pid_t pid_ = -1;
  Fd log_;
};

}  // namespace stayd::test
