// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "dns/dns_message.h"
#include "dns/dns_query.h"

namespace stayd {

// PolicyEvaluator a resolver itself. Whoever is root in a network namespace of its own can answer
// its own queries, from whatever address; so what a workload was told counts once the same resolver
// has told the agent the same, in the host's namespace.
//
// A thread of its own, on which many questions wait for their answers at once: a resolver that
// is slow with one name delays no other. Questions that are the same are asked once.
class Confirmer {
 public:
  static constexpr std::size_t kMaxAtOnce = 256;    // sockets
  static constexpr std::size_t kMaxWaiting = 4096;  // beyond it: an error

  // On its thread. The error says why there is no answer.
  using Callback = std::function<void(const Result<DnsAnswer>&)>;

  Confirmer();
  ~Confirmer();  // callbacks that have not been called will not be
  Confirmer(const Confirmer&) = delete;
  Confirmer& operator=(const Confirmer&) = delete;

  // `type`: 1 for A, 28 for AAAA. From any thread. Answered within three of kDnsStep, unless
  // it had to wait for others.
  void confirm(const DnsServer& server, const std::string& name, std::uint16_t type,
               Callback callback);

 private:
  using Question = std::tuple<DnsServer, std::string, std::uint16_t>;

  void begin(const Question& question);
  void end(const Question& question, const Result<DnsAnswer>& answer);

  // Used by its own thread only.
  std::map<Question, std::vector<Callback>> asked_;  // waiting or being asked
  std::deque<Question> waiting_;
  std::size_t at_once_ = 0;

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace stayd
