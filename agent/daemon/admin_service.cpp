// SPDX-License-Identifier: Apache-2.0
#include "daemon/admin_service.h"

#include <utility>

#include "base/escape.h"
#include "intake/ticket_context_builder.h"
#include "tickets/ticket_json.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

Result<nlohmann::json> ok(nlohmann::json value) {
  return {boost::system::in_place_value, std::move(value)};
}

}  // namespace

Result<> AdminService::admit(const Peer& peer) {
  const Error refusal{"a workload cannot answer for itself"};
  if (peer.workload) return refusal;
  // It may have come into a workload since, and have children there that have its connection. Once
  // it has ended nobody can tell.
  const Result<std::optional<WorkloadId>> now = parts_.gate.workload_of(peer.process());
  if (!now) return in_context("the process that connected", now.error());
  if (now->has_value()) return refusal;
  return {};
}

// The account is the one that the kernel says; whose that is, the desk knows.
Requester AdminService::requester(const Peer& peer) const {
  Requester requester{UnixAccount{peer.uid}, to_string(peer), std::string(parts_.terminal.name())};
  if (peer.login_uid && *peer.login_uid != peer.uid) requester.login_uid = peer.login_uid;
  return requester;
}

nlohmann::json AdminService::workload_json(const WorkloadFacts& workload) {
  nlohmann::json not_labelled = nlohmann::json::array();
  for (const std::string& each : workload.not_labelled) not_labelled.push_back(escape(each));
  return {{"cgroup", escape(workload.cgroup)},
          {"policy", escape(workload.policy.name)},
          {"policy_file", escape(workload.policy.file)},
          {"mode", workload.policy.observe ? "observe" : "enforce"},
          {"touched", label_names(workload, parts_.gate.labels_read(workload.id))},
          {"not_labelled", std::move(not_labelled)}};
}

nlohmann::json AdminService::announcements() {
  nlohmann::json list = nlohmann::json::array();
  const auto& texts = parts_.terminal.announcements();
  for (std::size_t i = 0; i < texts.size(); ++i)
    list.push_back(
        {{"number", parts_.terminal.announced() - texts.size() + i + 1}, {"text", texts[i]}});
  return list;
}

std::uint64_t AdminService::revision() {
  return parts_.approvals.revision() + parts_.terminal.announced();
}

nlohmann::json AdminService::status() {
  const GateStatus gate = parts_.gate.status();
  ApprovalService& approvals = parts_.approvals;
  nlohmann::json workloads = nlohmann::json::array();
  for (const WorkloadPtr& workload : parts_.gate.workloads())
    workloads.push_back(workload_json(*workload));
  nlohmann::json refused = nlohmann::json::array();
  for (const std::string& cgroup : gate.refused_cgroups) refused.push_back(escape(cgroup));
  nlohmann::json counters = nlohmann::json::object();
  for (const auto& [name, value] : gate.counters) counters[name] = value;
  nlohmann::json record = parts_.record.status();
  record["error"] = approvals.trouble();
  nlohmann::json channels = nlohmann::json::array();
  for (const Channel* channel : approvals.channels())
    channels.push_back({{"name", channel->name()}, {"trouble", escape(channel->trouble())}});
  const People& people = approvals.people();
  return {{"version", STAYD_VERSION},
          {"enforcement", gate.enforcement},
          {"tickets_open", approvals.open_tickets().size()},
          {"grants", approvals.live_grants()},
          {"people", people.has_file() ? nlohmann::json(people.size()) : nlohmann::json(nullptr)},
          {"announcements", announcements()},
          {"gatekeeper",
           {{"waiting", gate.load.waiting},
            {"parked", gate.load.parked},
            {"pending", gate.load.pending},
            {"asked", gate.load.deferred},
            {"unread", gate.unread},
            {"real_time", gate.load.real_time}}},
          {"dns",
           {{"seen", gate.dns_seen},
            {"confirmed", gate.dns_confirmed},
            {"unconfirmed", gate.dns_unconfirmed}}},
          {"channels", std::move(channels)},
          {"record", std::move(record)},
          {"workloads", std::move(workloads)},
          {"workloads_of_strays", gate.workloads_of_strays},
          {"workloads_refused", std::move(refused)},
          {"counters", std::move(counters)}};
}

std::string AdminService::summary() {
  const GateStatus gate = parts_.gate.status();
  std::string text = "Enforcing (" + gate.enforcement +
                     "); workloads: " + std::to_string(parts_.gate.workloads().size());
  if (gate.policy_faults > 0)
    text += "; policies that could not be applied: " + std::to_string(gate.policy_faults) +
            ", see the log";
  return text;
}

nlohmann::json AdminService::tickets(bool include_closed) {
  nlohmann::json result = nlohmann::json::array();
  if (include_closed) {
    const std::vector<const Ticket*> closed = parts_.approvals.closed_tickets();
    for (auto each = closed.rbegin(); each != closed.rend(); ++each)
      result.push_back(to_json(**each));
  }
  for (const Ticket* each : parts_.approvals.open_tickets()) result.push_back(to_json(*each));
  return result;
}

Result<nlohmann::json> AdminService::ticket(TicketId id) {
  const Ticket* found = parts_.approvals.find(id);
  if (!found) return Error{"there is no ticket " + std::to_string(id)};
  return ok(to_json(*found));
}

Result<nlohmann::json> AdminService::decide(Decision decision, const Peer& peer) {
  const Requester by = requester(peer);
  decision.name = by.name;
  decision.channel = by.channel;
  const Result<const Ticket*> decided =
      parts_.approvals.answer({std::move(decision), by.account, by.login_uid}, parts_.clock());
  if (!decided) return decided.error();
  return ok(to_json(**decided));
}

Result<nlohmann::json> AdminService::snooze(TicketId id, std::chrono::seconds time,
                                            const Peer& peer) {
  const Result<const Ticket*> snoozed =
      parts_.approvals.snooze(id, requester(peer), time, parts_.clock());
  if (!snoozed) return snoozed.error();
  return ok(to_json(**snoozed));
}

nlohmann::json AdminService::grants() {
  nlohmann::json result = nlohmann::json::array();
  for (const Grant& grant : parts_.approvals.grants()) result.push_back(to_json(grant));
  return result;
}

Result<nlohmann::json> AdminService::revoke(GrantId id, const Peer& peer) {
  const Result<Grant> revoked = parts_.approvals.revoke(id, requester(peer), parts_.clock());
  if (!revoked) return revoked.error();
  return ok(to_json(*revoked));
}

Result<nlohmann::json> AdminService::break_glass(const std::string& name, std::chrono::seconds time,
                                                 const std::string& reason, const Peer& peer) {
  if (peer.uid != 0) return Error{"only root may use break-glass"};
  const WorkloadPtr workload = parts_.gate.workload_at(name);
  if (!workload) return Error{normal_cgroup(name) + ": not a workload; stayctl status lists them"};
  const Result<> broken = parts_.approvals.break_glass(
      workload->id, workload->cgroup, requester(peer), reason, time, parts_.clock());
  if (!broken) return broken.error();
  return ok({{"cgroup", escape(workload->cgroup)}, {"seconds", time.count()}});
}

Result<nlohmann::json> AdminService::assign(const std::string& cgroup,
                                            const std::string& policy_file) {
  const Result<WorkloadPtr> assigned = parts_.gate.assign(cgroup, policy_file);
  if (!assigned) return assigned.error();
  return ok(workload_json(**assigned));
}

Result<nlohmann::json> AdminService::release(const std::string& cgroup) {
  const Result<std::string> released = parts_.gate.release_workload(cgroup);
  if (!released) return released.error();
  return ok({{"cgroup", escape(*released)}});
}

// People first: policies name them. What is broken leaves in force what was there before.
Result<nlohmann::json> AdminService::reload() {
  std::string complaints;
  if (Result<People> people = parts_.load_people()) {
    parts_.approvals.set_people(std::move(*people));
    parts_.people_changed();
  } else {
    complaints = people.error().message;
  }
  const Result<std::size_t> changed = parts_.gate.reload(parts_.approvals.people());
  if (!changed) complaints += (complaints.empty() ? "" : "\n") + changed.error().message;
  if (!complaints.empty()) return Error{complaints};
  return ok({{"workloads", *changed}});
}

Result<nlohmann::json> AdminService::start_learning(const std::string& name,
                                                    std::chrono::seconds limit) {
  const WorkloadPtr workload = parts_.gate.workload_at(name);
  std::optional<Policy> before;
  if (workload) before = workload->policy;
  return parts_.learning.start(normal_cgroup(name), std::move(before), limit);
}

Result<nlohmann::json> AdminService::end_learning(const std::string& name) {
  return parts_.learning.end(normal_cgroup(name));
}

}  // namespace stayd
