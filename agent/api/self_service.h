// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

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

// Tells a workload about itself. Nothing here is secret to the workload.
class SelfKnowledge {
 public:
  virtual ~SelfKnowledge() = default;

  // The workload whose tag the process carried when it connected, unless it has been released.
  virtual std::optional<WorkloadId> workload_of(const Peer& peer) = 0;
  virtual nlohmann::json holds(WorkloadId workload) = 0;  // {"holds": [oldest first], "seq"}
  // Returns the number of the newest event that the workload was told.
  virtual std::uint64_t latest(WorkloadId workload) = 0;
  // events() returns what came after that number: {"events": [oldest first], "seq": latest(),
  // "complete": false if something is missing}. denials() gives, as "denials", only what did not
  // happen: what was denied, and what has been approved since then for the next attempt.
  virtual nlohmann::json events(WorkloadId workload, std::uint64_t after) = 0;
  virtual nlohmann::json denials(WorkloadId workload, std::uint64_t after) = 0;
  // Returns, as events() does, what this reader was not given yet; a new one gets what happened
  // just now.
  virtual nlohmann::json unread(WorkloadId workload, const std::string& reader) = 0;
  // Asks for what the process wants to do; `reply` comes at once or later.
  virtual void ask_ahead(WorkloadId workload, const Peer& peer, AheadRequest request,
                         std::shared_ptr<AheadReply> reply) = 0;
  // Returns the state of the request with this number; nothing: the workload has no such request.
  virtual std::optional<nlohmann::json> request(WorkloadId workload, TicketId number) = 0;
  // A claim, shown to whoever answers the workload's tickets.
  virtual void declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) = 0;
};

// self.sock, for workloads: who asks is told by the subject tag of the process that connected,
// not by anything it says.
//
//   GET /v1/holds              {"holds": [{ticket, operation, object, since, until, threads, …}],
//                              "seq"}
//   GET /v1/denials?after=SEQ  {"denials": […], "seq", "complete"}
//   GET /v1/events?after=SEQ&wait=SECONDS
//                              {"events": […], "seq", "complete"}, as soon as there are any, at the
//                              latest after `wait`
//   POST /v1/unread            {"reader": "…"}, at most kMaxReader bytes; as events
//   PUT /v1/intent             {"text": "…"}, at most kMaxIntent bytes; the latest counts
//   POST /v1/requests          api/ahead_request.h; {request, state, …} within kMaxLookup
//   GET /v1/requests/N         the same, as it is now
//
// A workload has kPerSecond requests a second, and kBurst at once; beyond that: 429. A request that
// really waits is not counted; a workload has kMaxPollers of them.
class SelfService final : public Backend {
 public:
  static constexpr std::size_t kMaxIntent = 1024;
  static constexpr std::size_t kMaxReader = 128;
  static constexpr double kPerSecond = 10;
  static constexpr double kBurst = 40;
  static constexpr std::size_t kMaxPollers = 4;
  static constexpr std::chrono::seconds kMaxWait{50};
  static constexpr std::chrono::seconds kMaxLookup{5};

  using Clock = std::function<RateLimiter::Time()>;

  explicit SelfService(SelfKnowledge& knowledge, Clock clock = std::chrono::steady_clock::now)
      : knowledge_(knowledge), clock_(std::move(clock)) {}

  Result<> admit(const Peer& peer) override;
  std::string client_of(const Peer& peer) override;
  Routed route(const Request& request) override;

  void forget(WorkloadId workload) { workloads_.erase(workload); }

 private:
  struct Usage {
    RateLimiter requests{kPerSecond, kBurst};
    // The places of pollers, each of which owns a copy: use_count() counts them and this one.
    std::shared_ptr<char> poller = std::make_shared<char>();
  };

  bool is_too_much(WorkloadId workload);
  Routed get_events(WorkloadId workload, std::string_view query);
  Routed get_denials(WorkloadId workload, std::string_view query);
  Routed post_unread(WorkloadId workload, const Request& request);
  Routed put_intent(WorkloadId workload, const Request& request);
  Routed ask_ahead(WorkloadId workload, const Request& request);
  Routed get_request(WorkloadId workload, std::string_view number);

  SelfKnowledge& knowledge_;
  Clock clock_;
  std::map<WorkloadId, Usage> workloads_;
};

}  // namespace stayd
