// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/backend.h"
#include "base/rate_limiter.h"
#include "context/operation.h"

namespace stayd {

// What the daemon tells a workload about itself. Nothing here is secret to the workload.
class SelfKnowledge {
 public:
  virtual ~SelfKnowledge() = default;

  // The workload whose tag the process carried when it connected, unless it has been released.
  virtual std::optional<WorkloadId> workload_of(const Peer& peer) = 0;
  virtual nlohmann::json holds(WorkloadId workload) = 0;    // array
  virtual nlohmann::json denials(WorkloadId workload) = 0;  // array, oldest first
  // A claim, shown to whoever answers the workload's tickets.
  virtual void declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) = 0;
};

// self.sock, for workloads: who asks is told by the subject tag of the process that connected,
// not by anything it says.
//
//   GET /v1/holds      {"holds": [{ticket, operation, object, since, until, threads, retry}]}
//   GET /v1/denials    {"denials": [{time, process, operation, object, reason, detail, by,
//                      advice, retry}]}
//   PUT /v1/intent     {"text": "…"}, at most kMaxIntent bytes; the latest counts
//
// A workload has kPerSecond requests a second, and kBurst at once; beyond that: 429.
class SelfService final : public Backend {
 public:
  static constexpr std::size_t kMaxIntent = 1024;
  static constexpr double kPerSecond = 10;
  static constexpr double kBurst = 40;

  using Clock = std::function<RateLimiter::Time()>;

  explicit SelfService(SelfKnowledge& knowledge, Clock clock = std::chrono::steady_clock::now)
      : knowledge_(knowledge), clock_(std::move(clock)) {}

  Result<> admit(const Peer& peer) override;
  std::string client_of(const Peer& peer) override;
  Routed route(const Request& request) override;

  void forget(WorkloadId workload) { limits_.erase(workload); }

 private:
  bool is_too_much(WorkloadId workload);

  SelfKnowledge& knowledge_;
  Clock clock_;
  std::map<WorkloadId, RateLimiter> limits_;
};

}  // namespace stayd
