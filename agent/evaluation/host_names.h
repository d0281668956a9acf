// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dns/confirmer.h"
#include "dns/dns_stream.h"
#include "dns/name_table.h"
#include "evaluation/resolved_addresses.h"
#include "kernel/decoder.h"
#include "policy/decision.h"

namespace stayd {

// Knows the names of the addresses that workloads connect to, and keeps the kernel's table of them.
// Any thread, unless it says otherwise. Bounded in all that a workload can grow: beyond it, names
// are missing.
class HostNames {
 public:
  static constexpr std::size_t kMaxPending = 64;  // answers of one workload at once
  // The time for which an address without a known name is not asked about again, unless a name
  // comes.
  static constexpr std::chrono::minutes kNameless{1};
  // The number of times that the resolver is asked to confirm an answer: some pick other addresses
  // each time. Once, where many answers wait.
  static constexpr int kConfirmations = 3;
  // An answer that is known for at least this much longer is not confirmed again.
  static constexpr BootTime kFresh = BootTime(NameTable::kLeast) / 2;

  struct Known {
    std::vector<std::string> names;
    // The last of the answers to wait for before it is all: they name the address, and are not
    // confirmed yet. 0: none.
    std::uint64_t pending = 0;
  };
  // A confirmation came, or failed: what waited for it may be asked again.
  using Settled = std::function<void(WorkloadId)>;
  // Time since boot, as the kernel side counts it.
  using Clock = std::function<BootTime()>;

  // `resolver_port`: where resolvers are asked.
  HostNames(ResolvedAddresses::Write write, Settled settled, Clock clock,
            std::uint16_t resolver_port = 53);

  // Takes a packet that a resolver sent to the workload under the policy; null: a policy that has
  // not been published yet, so that the last one counts. In the order of its arrival. From its
  // return on, the kernel side asks about every address that it named.
  void on(const DnsPacket& packet, const std::shared_ptr<const CompiledPolicy>& policy);

  // Also writes what is known to the kernel's table, unless something is pending. What waits
  // does so for answers that came before it, up to `last`, or answers could keep it forever.
  Known look_up(WorkloadId workload, std::uint32_t policy_id,
                const std::shared_ptr<const CompiledPolicy>& policy, const Address& address,
                std::uint64_t last = std::numeric_limits<std::uint64_t>::max());

  std::vector<std::string> names_of(WorkloadId workload, const Address& address) const;
  // See NameTable::addresses_of().
  std::vector<Address> addresses_of(WorkloadId workload, const std::string& name) const;
  void forget(WorkloadId workload);

  struct Counts {
    std::uint64_t seen = 0;         // answers about names that the policy knows
    std::uint64_t confirmed = 0;    // of them, which the resolver told us, too
    std::uint64_t unconfirmed = 0;  // which it did not, or in part
  };
  Counts counts() const;

 private:
  struct Pending {
    DnsAnswer answer;
    DnsServer resolver;
    int asked = 0;
  };
  struct OfWorkload {
    explicit OfWorkload(const ResolvedAddresses::Write& write) : resolved(write) {}
    std::shared_ptr<const CompiledPolicy> policy;  // that the names were learned under
    NameTable names;
    DnsStreams streams;
    std::map<std::uint64_t, Pending> pending;  // not confirmed yet, by question
    ResolvedAddresses resolved;
  };

  void on_message(const DnsPacket& packet, std::span<const std::byte> message,
                  OfWorkload& workload);
  void ask(WorkloadId workload, std::uint64_t question, const Pending& pending);
  void on_confirmed(WorkloadId workload, std::uint64_t question,
                    const Result<DnsAnswer>& confirmed);
  OfWorkload& of(WorkloadId workload, const std::shared_ptr<const CompiledPolicy>& policy);

  const ResolvedAddresses::Write write_;
  const Settled settled_;
  const Clock clock_;
  const std::uint16_t resolver_port_;
  mutable std::mutex mutex_;
  std::map<WorkloadId, OfWorkload> workloads_;
  std::uint64_t last_question_ = 0;
  Counts counts_;
  Confirmer confirmer_;  // last: its thread ends first
};

}  // namespace stayd
