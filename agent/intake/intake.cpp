// SPDX-License-Identifier: Apache-2.0
#include "intake/intake.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "audit/events.h"
#include "base/log.h"

namespace stayd {

Intake::Intake(Gate& gate, ApprovalService& approvals, TicketContextBuilder& contexts,
               MountTable& mounts, WorkloadId self_test, Callbacks callbacks)
    : gate_(gate),
      approvals_(approvals),
      contexts_(contexts),
      mounts_(mounts),
      self_test_(self_test),
      callbacks_(std::move(callbacks)) {}

void Intake::take(DeskNotice notice) {
  std::visit([this](auto& each) { on(std::move(each)); }, notice);
}

void Intake::on(Operation operation) {
  operation.time = callbacks_.clock();
  resolve_paths(operation);
  const WorkloadPtr workload = gate_.workload(operation.workload);
  if (!workload) return refuse_unknown(operation);
  if (is_stale(operation, *workload))
    return gate_.release({.hold = operation.hold_id, .answer = HoldAnswer::judge_again});

  const bool waits = operation.disposition == Disposition::held ||
                     operation.disposition == Disposition::cannot_wait;
  const Surroundings around =
      waits ? contexts_.surroundings(operation, *workload,
                                     approvals_.has_directories(operation.workload))
            : Surroundings{};
  const bool settles = waits && approvals_.would_settle(operation, around);
  const bool joins = waits && !settles && approvals_.would_join(operation, around);
  describe(operation, *workload, joins || settles);
  callbacks_.observed(workload->cgroup, operation);
  if (!waits) return record(operation, *workload);
  if (settles) {
    approvals_.settle(operation, around, reference_of(*workload, operation), operation.time);
    return;
  }
  if (joins) return approvals_.join(operation, operation.time, around);
  raise(std::move(operation), *workload);
}

// From the root of a file system to what the host calls it.
void Intake::resolve_paths(Operation& operation) {
  if (!operation.path.starts_with('/')) return;
  const std::shared_ptr<const Mounts> mounts = mounts_.now();
  std::optional<std::string> path = mounts->find_host_path(operation.object.device, operation.path);
  operation.off_host = !path;
  if (path) operation.path = std::move(*path);
  if (!operation.new_path.empty())
    operation.new_path = mounts->host_path(operation.object.device, operation.new_path);
}

// The self-test made it, or a process that an earlier agent tagged, whose policy cannot be read
// any more.
void Intake::refuse_unknown(const Operation& operation) {
  const bool is_test = operation.workload == self_test_;
  approvals_.note(audit::operation(operation, is_test ? "self-test" : "unknown workload: denied"));
  if (operation.disposition == Disposition::held)
    gate_.release({.hold = operation.hold_id, .answer = HoldAnswer::deny});
}

// True if it was held by a policy that has been replaced since.
bool Intake::is_stale(const Operation& operation, const WorkloadFacts& workload) const {
  return operation.disposition == Disposition::held && operation.policy != workload.policy_id;
}

// An operation that joins a ticket, or that an earlier answer settles, is shown to nobody, and its
// caller need not be looked up.
void Intake::describe(Operation& operation, const WorkloadFacts& workload, bool is_known) {
  if (!is_known && callbacks_.describe_caller) callbacks_.describe_caller(operation.caller);
  // It may have ended before it could be looked at.
  if (operation.caller.cgroup.empty()) operation.caller.cgroup = workload.cgroup;
}

// It was refused, or went on, without a question.
void Intake::record(const Operation& operation, const WorkloadFacts& workload) {
  const RuleWords rule = rule_words(workload, operation);
  if (operation.disposition == Disposition::denied)
    approvals_.refused(workload.id, denied_event(operation, reason_of(operation),
                                                 reference_of(workload, operation),
                                                 operation.failure != 0 ? rule.text : ""));
  approvals_.note(audit::operation(operation, rule.text, rule.rule_class));
}

void Intake::raise(Operation operation, const WorkloadFacts& workload) {
  const TimePoint now = operation.time;
  TicketContext context = contexts_.prepare(operation, workload, approvals_.people(), now);
  approvals_.raise(std::move(operation), std::move(context), now);
}

void Intake::on(const HoldGone& gone) {
  // Nobody was there to hear what the kernel side said before this stayd began.
  const bool unattended =
      gone.why == HoldEnd::caller_gone && gone.time_ns != 0 && gone.time_ns < callbacks_.began_ns;
  approvals_.gone(gone.hold, unattended ? HoldEnd::unattended : gone.why, callbacks_.clock());
}

void Intake::on(const LabelsRead& read) {
  if (const WorkloadPtr workload = gate_.workload(read.workload))
    approvals_.note(audit::touched(workload->cgroup, label_names(*workload, read.labels),
                                   read.process, callbacks_.clock()));
}

void Intake::on(const ArgumentsChanged& changed) {
  log_warning("process {} was killed before it ran: its arguments were not those judged",
              changed.process);
  approvals_.note(audit::killed(changed.process, callbacks_.clock()));
}

void Intake::on(const WorkloadAssigned& assigned) {
  const TimePoint now = callbacks_.clock();
  approvals_.note(audit::assigned(assigned.cgroup, assigned.policy, assigned.policy_file, now));
  approvals_.change_policy(assigned.id, now);
}

void Intake::on(const PlacesChanged& changed) {
  approvals_.change_places(changed.id, callbacks_.clock());
}

void Intake::on(const WorkloadEnded& ended) {
  contexts_.forget(ended.id);
  callbacks_.ended(ended.id);
  const TimePoint now = callbacks_.clock();
  approvals_.note(audit::unassigned(ended.cgroup, now));
  approvals_.release_workload(ended.id, now);
}

void Intake::on(const OperationsLeftOut& left_out) {
  approvals_.missed();
  approvals_.note(audit::left_out(left_out.count, callbacks_.clock()));
}

}  // namespace stayd
