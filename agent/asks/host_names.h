// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernel/decoder.h"
#include "kernel/tables.h"
#include "names/confirmer.h"
#include "names/dns_stream.h"
#include "names/name_table.h"
#include "policy/decision.h"

namespace stayd {

// Which names the addresses that workloads connect to stand for, and the kernel's table of
// that. Any thread, unless it says otherwise.
class HostNames {
 public:
  struct Known {
    std::vector<std::string> names;
    bool pending = false;  // something about it waits to be confirmed
  };
  // A confirmation came, or failed: what waited for it may be asked again.
  using Settled = std::function<void(WorkloadId)>;

  HostNames(Tables& tables, Settled settled) : tables_(tables), settled_(std::move(settled)) {}

  // What a resolver sent to the workload under the policy. The gatekeeper's thread only.
  void on(const DnsPacket& packet, std::uint32_t policy_id,
          const std::shared_ptr<const CompiledPolicy>& policy);

  // Also writes what is known to the kernel's table, unless something is pending.
  Known look_up(WorkloadId workload, std::uint32_t policy_id, const CompiledPolicy& policy,
                const Address& address);

  std::vector<std::string> names_of(WorkloadId workload, const Address& address) const;
  void forget(WorkloadId workload);

  struct Counts {
    std::uint64_t seen = 0;         // answers about names that the policy knows
    std::uint64_t confirmed = 0;    // of them, which the resolver told us, too
    std::uint64_t unconfirmed = 0;  // which it did not, or in part
  };
  Counts counts() const;

 private:
  void on_message(const DnsPacket& packet, std::span<const std::byte> message,
                  const std::shared_ptr<const CompiledPolicy>& policy);
  void on_confirmed(WorkloadId workload, std::uint64_t question, const DnsAnswer& seen,
                    const Result<DnsAnswer>& confirmed);

  Tables& tables_;
  Settled settled_;
  DnsStreams streams_;
  mutable std::mutex mutex_;
  std::map<WorkloadId, NameTable> names_;
  // Addresses that answers name which are not confirmed yet, by question.
  std::map<WorkloadId, std::map<std::uint64_t, DnsAnswer>> pending_;
  // The kernel's entries under a policy, to be written anew when a name is learned.
  std::map<WorkloadId, std::pair<std::uint32_t, std::set<Address>>> written_;
  std::uint64_t last_question_ = 0;
  Counts counts_;
  Confirmer confirmer_;  // last: its threads end first
};

}  // namespace stayd
