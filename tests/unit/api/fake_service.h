// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/service.h"

namespace stayd {

// Answers from what a test has put in, and remembers what it was asked.
class FakeService : public Service {
 public:
  // json converts to nearly everything, Error included, so the alternative has to be named.
  static Result<nlohmann::json> ok(nlohmann::json value) {
    return {boost::system::in_place_value, std::move(value)};
  }

  Result<> admit(const Peer& peer) override {
    last_peer = peer;
    if (admitted) return {};
    return Error{"you belong to a workload"};
  }
  nlohmann::json status() override {
    if (broken) throw std::runtime_error("broken");
    return status_shown;
  }
  nlohmann::json tickets(bool include_closed) override {
    nlohmann::json list = nlohmann::json::array();
    if (include_closed) list.push_back({{"id", 1}});
    if (!shown.is_null()) list.push_back(shown);
    return list;
  }
  std::uint64_t revision() override {
    ++revision_calls;
    return current_revision;
  }
  Result<nlohmann::json> ticket(TicketId id) override {
    if (id != 2) return Error{"there is no ticket " + std::to_string(id)};
    return ok(shown);
  }
  Result<nlohmann::json> snooze(TicketId id, std::chrono::seconds time, const Peer&) override {
    if (id != 2) return Error{"there is no ticket " + std::to_string(id)};
    put_off_for = time;
    return ok(shown);
  }
  nlohmann::json announcements() override { return announced; }
  nlohmann::json proposals() override {
    return nlohmann::json::array({{{"ticket", 17},
                                   {"policy", "support"},
                                   {"file", "/var/lib/stayd/proposals/17-support.yaml"},
                                   {"written", "2026-01-31T09:05:07.000Z"}}});
  }
  nlohmann::json grants() override { return nlohmann::json::array({{{"id", 5}}}); }
  Result<nlohmann::json> revoke(GrantId id, const Peer&) override {
    if (id != 5) return Error{"there is no such grant"};
    return ok({{"id", 5}});
  }
  Result<nlohmann::json> break_glass(const std::string& cgroup, std::chrono::seconds time,
                                     const std::string& reason, const Peer& peer) override {
    glass = cgroup;
    if (peer.uid != 0) return Error{"only root can"};
    return ok({{"cgroup", cgroup}, {"seconds", time.count()}, {"reason", reason}});
  }
  Result<nlohmann::json> decide(Decision decision, const Peer& peer) override {
    decisions.push_back(decision);
    deciders.push_back(peer);
    if (decision.digest == "other") return Error{"the digest differs"};
    nlohmann::json after = shown;
    after["outcome"] = decision.choice == Choice::approve ? "approved" : "denied";
    return ok(after);
  }
  Result<nlohmann::json> assign(const std::string& cgroup, const std::string& policy) override {
    assigned[cgroup] = policy;
    return ok({{"cgroup", cgroup}});
  }
  Result<nlohmann::json> release(const std::string& cgroup) override {
    if (assigned.erase(cgroup) == 0) return Error{cgroup + " is not a workload"};
    return ok({{"cgroup", cgroup}});
  }
  Result<nlohmann::json> reload() override { return ok({{"workloads", 1}}); }
  Result<nlohmann::json> start_learning(const std::string& cgroup, std::chrono::seconds limit,
                                        PacksSaid packs) override {
    learned[cgroup] = limit;
    packs_said = std::move(packs);
    return ok({{"cgroup", cgroup}, {"session", 7}});
  }
  nlohmann::json learning() override {
    ++learning_calls;
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [cgroup, limit] : learned)
      list.push_back({{"session", 7}, {"cgroup", cgroup}, {"operations", 0}, {"over", false}});
    return list;
  }
  Result<nlohmann::json> end_learning(const std::string& cgroup) override {
    if (learned.erase(cgroup) == 0) return Error{"nothing is learned about " + cgroup};
    return ok({{"draft", "policy: x"}});
  }

  nlohmann::json announced = nlohmann::json::array();
  nlohmann::json status_shown = {{"holding", 3}};
  nlohmann::json shown = {{"id", 2}, {"outcome", "open"}};  // ticket 2; null: none is open
  bool admitted = true;
  bool broken = false;
  std::uint64_t current_revision = 5;
  int revision_calls = 0;
  Peer last_peer;
  std::vector<Decision> decisions;
  std::vector<Peer> deciders;
  std::chrono::seconds put_off_for{0};
  std::string glass;  // the workload for which break-glass was asked last
  std::map<std::string, std::string> assigned;
  std::map<std::string, std::chrono::seconds> learned;  // by cgroup
  int learning_calls = 0;
  PacksSaid packs_said;  // of what was learned last
};

}  // namespace stayd
