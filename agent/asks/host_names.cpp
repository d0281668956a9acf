// SPDX-License-Identifier: Apache-2.0
#include "asks/host_names.h"

#include <netinet/in.h>

#include <algorithm>

namespace stayd {
namespace {

// For how long an address without a name is not asked about again; a name that is learned
// meanwhile ends it.
constexpr std::chrono::minutes kNameless{1};
constexpr std::size_t kMostPending = 256;

bool names_it(const DnsAnswer& answer, const Address& address) {
  return std::any_of(answer.addresses.begin(), answer.addresses.end(),
                     [&](const NamedAddress& each) { return each.address == address; });
}

BootTime now() { return BootTime(boot_time_ns()); }

}  // namespace

void HostNames::on(const DnsPacket& packet, std::uint32_t policy_id,
                   const std::shared_ptr<const CompiledPolicy>& policy) {
  (void)policy_id;
  if (packet.protocol == IPPROTO_UDP) return on_message(packet, packet.payload, policy);
  DnsStream& stream =
      streams_.of({packet.workload.slot, packet.workload.generation, packet.source,
                   packet.destination, packet.source_port, packet.destination_port});
  if (packet.begins) stream.begin(packet.sequence);
  for (const std::vector<std::byte>& message : stream.add(packet.sequence, packet.payload))
    on_message(packet, message, policy);
}

void HostNames::on_message(const DnsPacket& packet, std::span<const std::byte> message,
                           const std::shared_ptr<const CompiledPolicy>& policy) {
  Result<DnsAnswer> answer = parse_dns_answer(message);
  if (!answer || answer->addresses.empty()) return;
  const bool wanted =
      std::any_of(policy->hosts.begin(), policy->hosts.end(),
                  [&](const HostRule& rule) { return matches(rule, answer->name); });
  if (!wanted) return;
  const WorkloadId workload = packet.workload;
  std::uint64_t question = 0;
  {
    std::lock_guard lock(mutex_);
    ++counts_.seen;
    auto& pending = pending_[workload];
    if (pending.size() == kMostPending) return;  // a flood of answers names nothing
    question = ++last_question_;
    pending.emplace(question, *answer);
  }
  if (!policy->confirm_dns) return on_confirmed(workload, question, *answer, answer);
  const DnsServer server{packet.source};
  const DnsAnswer seen = *answer;
  confirmer_.confirm(server, seen.name, seen.type,
                     [this, workload, question, seen](const Result<DnsAnswer>& confirmed) {
                       on_confirmed(workload, question, seen, confirmed);
                     });
}

void HostNames::on_confirmed(WorkloadId workload, std::uint64_t question, const DnsAnswer& seen,
                             const Result<DnsAnswer>& confirmed) {
  {
    std::lock_guard lock(mutex_);
    auto pending = pending_.find(workload);
    if (pending == pending_.end()) return;  // released
    pending->second.erase(question);
    DnsAnswer both = seen;
    if (confirmed)
      std::erase_if(both.addresses,
                    [&](const NamedAddress& each) { return !names_it(*confirmed, each.address); });
    else
      both.addresses.clear();
    ++(both.addresses.size() == seen.addresses.size() ? counts_.confirmed : counts_.unconfirmed);
    names_[workload].learn(both, now());
    // What the kernel side has been told of these addresses is out of date: it asks again.
    auto written = written_.find(workload);
    if (written != written_.end())
      for (const NamedAddress& each : both.addresses)
        if (written->second.second.erase(each.address) != 0)
          tables_.set_resolved(written->second.first, each.address, {.expires_ns = 1, .rules = {}});
  }
  settled_(workload);
}

HostNames::Known HostNames::look_up(WorkloadId workload, std::uint32_t policy_id,
                                    const CompiledPolicy& policy, const Address& address) {
  std::lock_guard lock(mutex_);
  Known known;
  const BootTime time = now();
  NameTable& names = names_[workload];
  known.names = names.names_of(address, time);
  for (const auto& [question, answer] : pending_[workload])
    known.pending = known.pending || names_it(answer, address);
  if (known.pending) return known;
  const BootTime until = known.names.empty() ? time + kNameless : names.known_until(address, time);
  auto& [of_policy, addresses] = written_[workload];
  if (of_policy != policy_id) addresses.clear();
  of_policy = policy_id;
  addresses.insert(address);
  tables_.set_resolved(policy_id, address,
                       {.expires_ns = static_cast<std::uint64_t>(until.count()),
                        .rules = rules_for_address(policy, address, known.names)});
  return known;
}

std::vector<std::string> HostNames::names_of(WorkloadId workload, const Address& address) const {
  std::lock_guard lock(mutex_);
  const auto names = names_.find(workload);
  return names == names_.end() ? std::vector<std::string>{}
                               : names->second.names_of(address, now());
}

void HostNames::forget(WorkloadId workload) {
  std::lock_guard lock(mutex_);
  names_.erase(workload);
  pending_.erase(workload);
  written_.erase(workload);
}

HostNames::Counts HostNames::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace stayd
