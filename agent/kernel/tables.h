// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "context/operation.h"
#include "kernel/maps.h"
#include "kernel/programs.h"
#include "policy/compiler.h"
#include "stayd/connections.h"

namespace stayd {

// CLOCK_BOOTTIME now, in ns: what the kernel side compares expiries with.
std::uint64_t boot_time_ns();

// Typed access to the maps that the agent writes. Thread-safe: each call is one or more
// bpf(2) calls. The Programs must outlive it.
class Tables {
 public:
  explicit Tables(const Programs& programs)
      : maps_(programs.maps()), hash_key_(programs.hash_key()), last_serial_(boot_time_ns()) {}

  // Writes every entry under `id`, the policy itself last: until then it judges nothing.
  Result<> write_policy(std::uint32_t id, const CompiledPolicy& policy);
  // Waits until no operation is judged by it any more. Best effort: an entry that stays is
  // never looked up again, ids are not reused.
  void remove_policy(std::uint32_t id, const CompiledPolicy& policy);

  // The gatekeeper's part: what a walk found, patterns included, until something moves.
  void keep_judged(const stayd_judged& value);
  // What names say of an address, for policy `id`, whatever its serial; nothing: the kernel side
  // has to ask.
  void set_resolved(std::uint32_t id, const Address& address,
                    const std::optional<stayd_resolved>& value);

  // Labels that the workload has read from.
  std::uint64_t labels_read(std::uint32_t slot) const;
  // The label's bit in that, a new one if it has none yet; the error: all are taken.
  Result<std::uint32_t> label_bit(std::uint32_t slot, const std::string& label);
  // For a new workload in the slot.
  void forget_labels(std::uint32_t slot);

  Result<> set_workload(std::uint32_t slot, const stayd_workload& workload);
  Result<stayd_workload> workload(std::uint32_t slot) const;
  // Cgroup id to workload, all of them.
  std::vector<std::pair<std::uint64_t, WorkloadId>> tagged_cgroups() const;
  // Lets tasks of undecided cgroups wait for as long again, because the agent is at work on them.
  // Notes in `seen` what they have then, and those that are new.
  void extend_undecided(std::vector<std::pair<std::uint64_t, WorkloadId>>& seen);
  // Takes STAYD_UNDECIDED from those of `looked_at` that still have it as they had it in `seen`.
  // Returns whether some have it whose directories were not there yet.
  bool settle_cgroups(const std::vector<std::pair<std::uint64_t, WorkloadId>>& seen,
                      const std::set<std::uint64_t>& looked_at);
  // Leaves tasks with this generation to themselves instead of refusing them. Call it before the
  // workload's slot is freed.
  Result<> note_released(std::uint32_t generation);
  Result<> tag_cgroup(std::uint64_t cgroup_id, WorkloadId workload);
  void untag_cgroup(std::uint64_t cgroup_id);
  // The workload whose tag the process carries, if any, also one that has ended without it. The
  // error: the process has ended.
  Result<std::optional<WorkloadId>> workload_of(const ProcessInstance& process) const;
  // True if the workload has not been released.
  bool is_live(WorkloadId workload) const;

  // Before the socket listens: the kernel side is to note who connects to it.
  Result<> mark_listener(int socket);
  // What it has noted of a socket that accept(2) returned. An error if there is nothing.
  Result<stayd_connection> connection_of(int socket) const;

  // `expires_ns`: CLOCK_BOOTTIME.
  Result<> set_answer(HoldId hold, const stayd_answer& answer);
  void forget_answer(HoldId hold);
  // What the hold has been answered; nothing: it has not, or is over.
  std::optional<stayd_answer> answer_of(HoldId hold) const;
  // The connection that is pending under the hold, if any; and all of them.
  std::optional<stayd_pending> pending_connection(HoldId hold) const;
  std::vector<HoldId> pending_connections() const;
  // Its socket is gone.
  void forget_pending(HoldId hold);
  // Holds whose threads have been told to let their connections wait.
  std::vector<HoldId> told_to_pend() const;
  void set_parked_threads(std::int32_t process, std::uint32_t threads);  // 0 removes
  void count_handled(std::uint32_t slot);
  // A packet of a resolver to the workload has been looked at. One thread.
  void count_names_handled(std::uint32_t slot);
  // Forgets what an earlier agent left behind: holds, which would count as spinning, packets,
  // and what was known of addresses. While no workload's packets are reported.
  void reset_handled();

  // What a grant is about; a process that is {} stands for the whole workload.
  struct GrantSubject {
    WorkloadId workload;
    ProcessInstance process{};
    stayd_object object{};
  };
  Result<> grant(const GrantSubject& subject, const stayd_grant& grant);
  // Uses left; nothing: the kernel side knows no such grant.
  std::optional<std::int64_t> uses_left(const GrantSubject& subject) const;
  void revoke(const GrantSubject& subject);
  void revoke_all(WorkloadId workload);

  // Name and value, in the order of include/stayd/counters.h.
  std::vector<std::pair<std::string, std::uint64_t>> counters() const;

 private:
  const Maps maps_;
  const SipHashKey hash_key_;
  std::atomic<std::uint64_t> last_serial_;  // above those of earlier agents
  // The memory of a grant has become free, and a program may still be about to use that grant. The
  // first grant of an agent cannot know.
  std::atomic<bool> grants_freed_ = true;
};

}  // namespace stayd
