// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "names/dns_message.h"

namespace stayd {

struct DnsServer {
  Address address{};
  std::uint16_t port = 53;
  auto operator<=>(const DnsServer&) const = default;
};

// Asks a resolver itself. Whoever is root in a network namespace of its own can answer its own
// queries, from whatever address; so what a workload was told counts once the same resolver has
// told the agent the same, in the host's namespace.
//
// Some threads of its own, since asking waits: twice half a second, and again over TCP where the
// answer does not fit. Questions that are the same are asked once.
class Confirmer {
 public:
  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kMostWaiting = 1024;  // beyond it: an error at once

  // On one of its threads, or on the caller's if there are too many questions.
  using Callback = std::function<void(const Result<DnsAnswer>&)>;

  Confirmer();
  ~Confirmer();  // callbacks that have not been called will not be

  // `type`: 1 for A, 28 for AAAA. From any thread.
  void confirm(const DnsServer& server, const std::string& name, std::uint16_t type,
               Callback callback);

 private:
  using Question = std::tuple<DnsServer, std::string, std::uint16_t>;

  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Question> waiting_;
  std::map<Question, std::vector<Callback>> asked_;  // waiting or being asked
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stayd
