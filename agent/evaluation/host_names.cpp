// SPDX-License-Identifier: Apache-2.0
#include "evaluation/host_names.h"

#include <netinet/in.h>

#include <algorithm>

namespace stayd {
namespace {

bool names_it(const DnsAnswer& answer, const Address& address) {
  return std::any_of(answer.addresses.begin(), answer.addresses.end(),
                     [&](const NamedAddress& each) { return each.address == address; });
}

bool all_known(const NameTable& names, const DnsAnswer& answer, BootTime until) {
  return std::all_of(
      answer.addresses.begin(), answer.addresses.end(),
      [&](const NamedAddress& each) { return names.knows(answer.name, each.address, until); });
}

bool believes_the_same(const CompiledPolicy& a, const CompiledPolicy& b) {
  return a.confirm_dns == b.confirm_dns && a.resolvers == b.resolvers;
}

}  // namespace

HostNames::HostNames(ResolvedAddresses::Write write, Settled settled, Clock clock,
                     std::uint16_t resolver_port)
    : write_(std::move(write)),
      settled_(std::move(settled)),
      clock_(std::move(clock)),
      resolver_port_(resolver_port) {}

// Names from other resolvers, or from before answers were confirmed, are forgotten.
HostNames::OfWorkload& HostNames::of(WorkloadId workload,
                                     const std::shared_ptr<const CompiledPolicy>& policy) {
  OfWorkload& found = workloads_.try_emplace(workload, write_).first->second;
  if (!policy || policy == found.policy) return found;
  if (found.policy && !believes_the_same(*found.policy, *policy)) {
    found.names = {};
    found.pending.clear();
    found.resolved.take_back_all();
  }
  found.policy = policy;
  return found;
}

void HostNames::on(const DnsPacket& packet, const std::shared_ptr<const CompiledPolicy>& policy) {
  std::lock_guard lock(mutex_);
  OfWorkload& workload = of(packet.workload, policy);
  if (!workload.policy) return;
  if (packet.protocol == IPPROTO_UDP) return on_message(packet, packet.payload, workload);
  DnsStream& stream = workload.streams.of(
      {packet.source, packet.destination, packet.source_port, packet.destination_port});
  if (packet.begins) stream.begin(packet.sequence);
  for (const std::vector<std::byte>& message : stream.add(packet.sequence, packet.payload))
    on_message(packet, message, workload);
}

void HostNames::on_message(const DnsPacket& packet, std::span<const std::byte> message,
                           OfWorkload& workload) {
  Result<DnsAnswer> answer = parse_dns_answer(message);
  if (!answer || answer->addresses.empty()) return;
  // Where people are asked about whatever no rule names, they are told its name, too.
  const bool asks = workload.policy->settings.verdicts[STAYD_ACCESS_NETWORK] == STAYD_VERDICT_HOLD;
  const bool wanted =
      asks || std::any_of(workload.policy->hosts.begin(), workload.policy->hosts.end(),
                          [&](const HostRule& rule) { return matches(rule, answer->name); });
  if (!wanted) return;
  ++counts_.seen;
  if (all_known(workload.names, *answer, clock_() + kFresh)) {
    ++counts_.confirmed;
    return;
  }
  const bool confirm = workload.policy->confirm_dns;
  if (confirm && workload.pending.size() == kMaxPending) return;
  // The kernel side's entries about these addresses are out of date.
  for (const NamedAddress& each : answer->addresses) workload.resolved.take_back(each.address);
  if (!confirm) {
    ++counts_.confirmed;
    return workload.names.learn(*answer, clock_());
  }
  const std::uint64_t question = ++last_question_;
  Pending& pending = workload.pending[question];
  pending.answer = std::move(*answer);
  pending.resolver = {packet.source, resolver_port_};
  pending.asked = 1;
  ask(packet.workload, question, pending);
}

void HostNames::ask(WorkloadId workload, std::uint64_t question, const Pending& pending) {
  confirmer_.confirm(pending.resolver, pending.answer.name, pending.answer.type,
                     [this, workload, question](const Result<DnsAnswer>& confirmed) {
                       on_confirmed(workload, question, confirmed);
                     });
}

// The resolver's answer to the agent counts, with its addresses and their lives; its answer to the
// workload only says which name to ask for.
void HostNames::on_confirmed(WorkloadId id, std::uint64_t question,
                             const Result<DnsAnswer>& confirmed) {
  {
    std::lock_guard lock(mutex_);
    const auto workload = workloads_.find(id);
    if (workload == workloads_.end()) return;  // released
    NameTable& names = workload->second.names;
    auto& all_pending = workload->second.pending;
    const auto pending = all_pending.find(question);
    if (pending == all_pending.end()) return;  // the policy has changed
    const DnsAnswer& seen = pending->second.answer;
    const BootTime now = clock_();
    if (confirmed) {
      names.learn(*confirmed, now);
      for (const NamedAddress& each : confirmed->addresses)
        workload->second.resolved.take_back(each.address);
    }
    const bool all = all_known(names, seen, now);
    const bool busy = all_pending.size() > kMaxPending / 2;
    if (!all && confirmed && !busy && pending->second.asked < kConfirmations) {
      ++pending->second.asked;
      return ask(id, question, pending->second);
    }
    ++(all ? counts_.confirmed : counts_.unconfirmed);
    all_pending.erase(pending);
  }
  settled_(id);
}

HostNames::Known HostNames::look_up(WorkloadId id, std::uint32_t policy_id,
                                    const std::shared_ptr<const CompiledPolicy>& policy,
                                    const Address& address, std::uint64_t last) {
  std::lock_guard lock(mutex_);
  OfWorkload& workload = of(id, policy);
  const BootTime now = clock_();
  Known known{.names = workload.names.names_of(address, now)};
  bool complete = true;
  for (const auto& [question, pending] : workload.pending) {
    if (!names_it(pending.answer, address)) continue;
    complete = false;
    if (question <= last && !workload.names.knows(pending.answer.name, address, now))
      known.pending = question;
  }
  if (!complete) return known;
  const BootTime until =
      known.names.empty() ? now + kNameless : workload.names.known_until(address, now);
  workload.resolved.tell(policy_id, address,
                         {.expires_ns = static_cast<std::uint64_t>(until.count()),
                          .serial = 0,
                          .rules = rules_for_address(*policy, address, known.names)});
  return known;
}

std::vector<std::string> HostNames::names_of(WorkloadId id, const Address& address) const {
  std::lock_guard lock(mutex_);
  const auto workload = workloads_.find(id);
  if (workload == workloads_.end()) return {};
  return workload->second.names.names_of(address, clock_());
}

std::vector<Address> HostNames::addresses_of(WorkloadId id, const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto workload = workloads_.find(id);
  if (workload == workloads_.end()) return {};
  return workload->second.names.addresses_of(name, clock_());
}

void HostNames::forget(WorkloadId workload) {
  std::lock_guard lock(mutex_);
  const auto found = workloads_.find(workload);
  if (found == workloads_.end()) return;
  found->second.resolved.take_back_all();
  workloads_.erase(found);
}

HostNames::Counts HostNames::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace stayd
