// SPDX-License-Identifier: Apache-2.0
// What people and tools ask of the agent.
#include <variant>

#include "audit/events.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "daemon/daemon.h"
#include "policy/parser.h"
#include "policy/values.h"
#include "proposals/proposal.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

Result<nlohmann::json> ok(nlohmann::json value) {
  return {boost::system::in_place_value, std::move(value)};
}

}  // namespace

Result<> Daemon::admit(const Peer& peer) {
  const Error refusal{"a workload cannot answer for itself"};
  if (peer.workload) return refusal;
  // It may have come into a workload since, and have children there that have its connection. Once
  // it has ended nobody can tell.
  Result<std::optional<WorkloadId>> now = tables_.workload_of(peer.process());
  if (!now) return in_context("the process that connected", now.error());
  if (now->has_value()) return refusal;
  return {};
}

Decision Daemon::identify(const Peer& peer) const {
  Decision who;
  const Account account = UnixAccount{peer.uid};
  who.account = to_string(account);
  who.name = to_string(peer);
  who.channel = terminal_.name();
  if (const std::optional<PersonId> person = approvals_.people().person_of(account)) {
    who.person = *person;
    if (approvals_.people().find(*person) != nullptr)
      who.name = approvals_.people().name_of(*person);
  }
  if (peer.login_uid && *peer.login_uid != peer.uid)
    who.behind.push_back(approvals_.people().person_behind(*peer.login_uid));
  return who;
}

nlohmann::json Daemon::workload_json(const Workload& workload) {
  nlohmann::json not_there = nlohmann::json::array();
  for (const Unresolved& each : workload.compiled->unresolved)
    not_there.push_back(escape(each.path + ": " + each.reason));
  return {{"cgroup", escape(workload.cgroup)},
          {"policy", escape(workload.policy.name)},
          {"policy_file", escape(workload.policy.file)},
          {"mode", workload.policy.observe ? "observe" : "enforce"},
          {"touched", label_names(workload, tables_.touched(workload.id.slot))},
          {"not_labelled", std::move(not_there)}};
}

nlohmann::json Daemon::announcements() {
  nlohmann::json list = nlohmann::json::array();
  const auto& texts = terminal_.announcements();
  for (std::size_t i = 0; i < texts.size(); ++i)
    list.push_back({{"number", announcements_ - texts.size() + i + 1}, {"text", texts[i]}});
  return list;
}

nlohmann::json Daemon::status() {
  const GateLoad load = gatekeeper_->load();
  nlohmann::json workloads = nlohmann::json::array();
  for (const auto& [cgroup, workload] : workloads_.all())
    workloads.push_back(workload_json(workload));
  nlohmann::json refused = nlohmann::json::array();
  for (const auto& [cgroup, workload] : workloads_.refused()) refused.push_back(escape(cgroup));
  const HostNames::Counts dns = evaluator_.dns_counts();
  nlohmann::json counters = nlohmann::json::object();
  for (const auto& [name, value] : tables_.counters()) counters[name] = value;
  nlohmann::json record = record_.status();
  record["error"] = approvals_.trouble();
  nlohmann::json channels = nlohmann::json::array();
  for (const Channel* channel : approvals_.channels())
    channels.push_back({{"name", channel->name()}, {"trouble", escape(channel->trouble())}});
  return {
      {"version", STAYD_VERSION},
      {"enforcement", to_string(programs_.attachment())},
      {"tickets_open", approvals_.desk().open_tickets().size()},
      {"grants", approvals_.desk().grants().live().size()},
      {"people", approvals_.people().has_file() ? nlohmann::json(approvals_.people().size())
                                                : nlohmann::json(nullptr)},
      {"announcements", announcements()},
      {"gatekeeper",
       {{"waiting", load.waiting},
        {"parked", load.parked},
        {"asked", load.deferred},
        {"real_time", load.real_time}}},
      {"dns", {{"seen", dns.seen}, {"confirmed", dns.confirmed}, {"unconfirmed", dns.unconfirmed}}},
      {"channels", std::move(channels)},
      {"record", std::move(record)},
      {"workloads", std::move(workloads)},
      // Their cgroup is gone, and some of their tasks still run.
      {"workloads_of_strays", workloads_.stray_count()},
      // A policy claims these cgroups and there is no slot: everything is refused to them.
      {"workloads_refused", std::move(refused)},
      {"counters", std::move(counters)}};
}

nlohmann::json Daemon::tickets(bool include_closed) {
  nlohmann::json result = nlohmann::json::array();
  if (include_closed) {
    const std::vector<const Ticket*> closed = approvals_.desk().closed_tickets();
    for (auto each = closed.rbegin(); each != closed.rend(); ++each)
      result.push_back(to_json(**each));
  }
  for (const Ticket* each : approvals_.desk().open_tickets()) result.push_back(to_json(*each));
  return result;
}

Result<nlohmann::json> Daemon::ticket(TicketId id) {
  const Ticket* found = approvals_.desk().find(id);
  if (!found) return Error{"there is no ticket " + std::to_string(id)};
  return ok(to_json(*found));
}

Result<nlohmann::json> Daemon::decide(Decision decision, const Peer& peer) {
  const Decision who = identify(peer);
  decision.name = who.name;
  decision.behind = who.behind;
  decision.channel = who.channel;
  Result<const Ticket*> decided =
      approvals_.answer({std::move(decision), UnixAccount{peer.uid}}, wall_clock());
  if (!decided) return decided.error();
  return ok(to_json(**decided));
}

Result<nlohmann::json> Daemon::snooze(TicketId id, std::chrono::seconds time, const Peer& peer) {
  Result<const Ticket*> put = approvals_.snooze(id, identify(peer), time, wall_clock());
  if (!put) return put.error();
  return ok(to_json(**put));
}

nlohmann::json Daemon::grants() {
  nlohmann::json result = nlohmann::json::array();
  for (const Grant& grant : approvals_.grants()) result.push_back(to_json(grant));
  return result;
}

nlohmann::json Daemon::proposals() {
  nlohmann::json result = nlohmann::json::array();
  for (const ProposalFiles::Entry& each : proposals_.list())
    result.push_back({{"ticket", each.ticket},
                      {"policy", each.policy},
                      {"file", escape(each.path)},
                      {"written", rfc3339(each.written)}});
  return result;
}

// Nothing changes by it: the file is for somebody to look at.
void Daemon::propose_rule(const Ticket& ticket) {
  const auto workload = workloads_.all().find(ticket.workload);
  const bool known = workload != workloads_.all().end();
  const std::string file = known ? workload->second.policy.file : "";
  Result<std::string> text = known ? read_policy_file(file) : Error{"its workload is gone"};
  Result<Proposal> proposal =
      text ? propose(ticket, *text, file, wall_clock()) : Result<Proposal>(text.error());
  Result<std::string> written =
      proposal ? proposals_.write(ticket, proposal->text) : Result<std::string>(proposal.error());
  if (!written)
    log_warning("no rule is proposed of ticket {}: {}", ticket.id, escape(written.error().message));
  approvals_.note(written ? audit::proposed(ticket, proposal->rules, *written, wall_clock())
                          : audit::not_proposed(ticket, written.error().message, wall_clock()));
}

// Taking a permission back needs none: whoever may use the socket may be careful.
Result<nlohmann::json> Daemon::revoke(GrantId id, const Peer& peer) {
  const Decision who = identify(peer);
  Result<Grant> revoked =
      approvals_.revoke(id, who.person.empty() ? who.account : who.person, wall_clock());
  if (!revoked) return revoked.error();
  return ok(to_json(*revoked));
}

Result<nlohmann::json> Daemon::break_glass(const std::string& name, std::chrono::seconds time,
                                           const std::string& reason, const Peer& peer) {
  if (peer.uid != 0) return Error{"only root may use break-glass"};
  const std::string cgroup = normal_cgroup(name);
  const auto workload = workloads_.all().find(cgroup);
  if (workload == workloads_.all().end())
    return Error{cgroup + ": not a workload; stayctl status lists them"};
  Decision who = identify(peer);
  if (who.person.empty()) who.person = who.account;
  who.reason = reason;
  Result<> broken = approvals_.break_glass(workload->second.id, cgroup, who, time, wall_clock());
  if (!broken) return broken.error();
  return ok({{"cgroup", escape(cgroup)}, {"seconds", time.count()}});
}

nlohmann::json Daemon::holds(WorkloadId workload) {
  nlohmann::json result = nlohmann::json::array();
  for (const Ticket* ticket : approvals_.desk().open_tickets()) {
    const Operation& operation = ticket->operation;
    if (operation.workload != workload || ticket->flood) continue;
    result.push_back({{"ticket", ticket->id},
                      {"operation", to_string(operation.kind)},
                      {"object", escape(has_path(operation.kind) ? operation.path
                                                                 : to_string(operation.endpoint))},
                      {"since", rfc3339(ticket->opened)},
                      {"until", rfc3339(ticket->deadline)},
                      {"threads", ticket->holds.size()}});
  }
  return result;
}

nlohmann::json Daemon::denials(WorkloadId workload) {
  nlohmann::json result = nlohmann::json::array();
  for (const Denial& denial : approvals_.denials().of(workload)) result.push_back(to_json(denial));
  return result;
}

void Daemon::declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) {
  Intent intent{.text = text, .declared = wall_clock(), .process = peer.pid, .login_uid = {}};
  intent.login_uid = peer.login_uid ? peer.login_uid : std::optional<std::uint32_t>(peer.uid);
  if (const Workload* known = workloads_.find(workload))
    approvals_.note(audit::intent(known->cgroup, intent));
  context_builder_.declare(workload, std::move(intent));
}

void Daemon::note_assigned(const Workload& workload) {
  approvals_.note(
      audit::assigned(workload.cgroup, workload.policy.name, workload.policy.file, wall_clock()));
  approvals_.change_policy(workload.id, wall_clock());
}

Result<nlohmann::json> Daemon::assign(const std::string& cgroup, const std::string& policy_file) {
  end_workloads();
  Result<const Workload*> assigned = assignments_.assign(cgroup, policy_file);
  if (!assigned) return assigned.error();
  publish_policies();
  note_assigned(**assigned);
  return ok(workload_json(**assigned));
}

Result<nlohmann::json> Daemon::release(const std::string& cgroup) {
  Result<Workload> released = assignments_.release(cgroup);
  if (!released) return released.error();
  publish_policies();
  forget(*released);
  // A refused cgroup may be waiting for the slot.
  if (!workloads_.refused().empty()) apply_policies();
  return ok({{"cgroup", escape(released->cgroup)}});
}

// People first: policies name them. What is broken leaves in force what was there before.
Result<nlohmann::json> Daemon::reload() {
  std::string complaints;
  const auto complain = [&complaints](const Error& error) {
    complaints += (complaints.empty() ? "" : "\n") + error.message;
  };
  if (Result<People> people = load_people(options_.people_file)) {
    approvals_.set_people(std::move(*people));
    chats_->people_changed();
  } else {
    complain(people.error());
  }
  std::vector<WorkloadId> changed;
  for (const Error& error : assignments_.reload(options_.policy_dir, changed)) complain(error);
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
  for (const WorkloadId id : changed)
    if (const Workload* workload = workloads_.find(id)) note_assigned(*workload);
  if (!complaints.empty()) return Error{complaints};
  return ok({{"workloads", changed.size()}});
}

// What a session is to be put under at its end, may have been replaced meanwhile, and so may the
// session itself.
Result<> Daemon::restore_after_learning(const std::string& cgroup,
                                        const std::optional<Policy>& before) {
  const auto known = workloads_.all().find(cgroup);
  if (known == workloads_.all().end() || !known->second.policy.report_once) return {};
  const std::optional<Policy> now = assignments_.applies_now(cgroup);
  return put_under(cgroup, now ? now : before);
}

Result<> Daemon::put_under(const std::string& cgroup, const std::optional<Policy>& policy) {
  if (!policy) {
    Result<nlohmann::json> released = release(cgroup);
    return released ? Result<>{} : released.error();
  }
  Result<const Workload*> assigned = workloads_.assign(cgroup, *policy);
  if (!assigned) return assigned.error();
  publish_policies();
  note_assigned(**assigned);
  return {};
}

Result<nlohmann::json> Daemon::start_learning(const std::string& name, std::chrono::seconds limit) {
  const std::string cgroup = normal_cgroup(name);
  std::optional<Policy> before;
  if (auto known = workloads_.all().find(cgroup); known != workloads_.all().end())
    before = known->second.policy;
  return learning_.start(cgroup, std::move(before), limit);
}

Result<nlohmann::json> Daemon::end_learning(const std::string& name) {
  return learning_.end(normal_cgroup(name));
}

}  // namespace stayd
