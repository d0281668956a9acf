// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "dns/dns_query.h"
#include "support/dns_wire.h"

namespace stayd::test {

// Listens on 127.0.0.1 over UDP and TCP, and answers as no resolver should.
class HandmadeResolver {
 public:
  struct Question {
    std::string bytes;
    bool tcp = false;
    sockaddr_in from{};
  };
  // What to send back, in this order, from the port that was asked. On the resolver's thread.
  using Answer = std::function<std::vector<std::string>(const Question&)>;

  explicit HandmadeResolver(Answer answer);
  ~HandmadeResolver();
  HandmadeResolver(const HandmadeResolver&) = delete;
  HandmadeResolver& operator=(const HandmadeResolver&) = delete;

  DnsServer server() const;
  int asked() const { return asked_; }
  int asked_over_tcp() const { return asked_over_tcp_; }

 private:
  void run();
  void answer_datagram();
  void answer_connection();

  Answer answer_;
  Fd udp_, tcp_, stop_;
  std::uint16_t port_ = 0;
  std::atomic<int> asked_ = 0, asked_over_tcp_ = 0;
  std::thread thread_;
};

// What the questioner wants to hear, with this address.
std::string respond(const HandmadeResolver::Question& question, const std::string& address,
                    unsigned id_off_by = 0, unsigned flags = kIsResponse);

// A port of 127.0.0.1 that nobody has, over UDP or TCP.
std::uint16_t free_port();

}  // namespace stayd::test
