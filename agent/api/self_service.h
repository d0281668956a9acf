// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/ahead_request.h"
#include "api/backend.h"
#include "base/rate_limiter.h"
#include "context/operation.h"
#include "tickets/ticket.h"

namespace stayd {

// The answer to a request that takes a moment: what is asked for has to be looked up.
struct AheadReply {
  std::optional<nlohmann::json> body;  // nothing: not yet
  bool given_up = false;               // nobody waits for it any more: nothing may come of it
};

// What the daemon tells a workload about itself. Nothing here is secret to the workload.
class SelfKnowledge {
 public:
  virtual ~SelfKnowledge() = default;

  // The workload whose tag the process carried when it connected, unless it has been released.
  virtual std::optional<WorkloadId> workload_of(const Peer& peer) = 0;
  virtual nlohmann::json holds(WorkloadId workload) = 0;    // array
  virtual nlohmann::json denials(WorkloadId workload) = 0;  // array, oldest first
  // What the process wants to do; `reply` comes at once or later.
  virtual void ask_ahead(WorkloadId workload, const Peer& peer, AheadRequest request,
                         std::shared_ptr<AheadReply> reply) = 0;
  // How the request with this number is; nothing: the workload has no such request.
  virtual std::optional<nlohmann::json> request(WorkloadId workload, TicketId number) = 0;
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
//   POST /v1/requests  api/ahead_request.h; {request, state, …} within kMaxLookup
//   GET /v1/requests/N the same, as it is now
//
// A workload has kPerSecond requests a second, and kBurst at once; beyond that: 429.
class SelfService final : public Backend {
 public:
  static constexpr std::size_t kMaxIntent = 1024;
  static constexpr double kPerSecond = 10;
  static constexpr double kBurst = 40;
  static constexpr std::chrono::seconds kMaxLookup{5};

  using Clock = std::function<RateLimiter::Time()>;

  explicit SelfService(SelfKnowledge& knowledge, Clock clock = std::chrono::steady_clock::now)
      : knowledge_(knowledge), clock_(std::move(clock)) {}

  Result<> admit(const Peer& peer) override;
  std::string client_of(const Peer& peer) override;
  Routed route(const Request& request) override;

  void forget(WorkloadId workload) { limits_.erase(workload); }

 private:
  bool is_too_much(WorkloadId workload);
  Routed ask_ahead(WorkloadId workload, const Request& request);
  Routed get_request(WorkloadId workload, std::string_view number);

  SelfKnowledge& knowledge_;
  Clock clock_;
  std::map<WorkloadId, RateLimiter> limits_;
};

}  // namespace stayd
