// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "context/found_file.h"
#include "context/mount_table.h"
#include "context/wanted.h"
#include "kernel/siphash.h"
#include "policy/decision.h"
#include "policy/foreseen.h"
#include "stayd/files.h"

namespace stayd {

// The policy that judges, and what the workload has read.
struct Judge {
  const CompiledPolicy& policy;
  std::uint32_t policy_id = 0;
  std::uint64_t labels_read = 0;
};

// Judges what has not been tried, with the functions that judge what has, and binds it to the very
// object that the kernel side would bind. Where it cannot tell exactly, the error says why: then
// only the attempt itself can be asked about. One thread.
class Foresight {
 public:
  // Returns what the kernel calls each open file of this process, kernel/file_ids.h.
  using Identify = std::function<Result<std::vector<stayd_identity>>()>;

  // `mounts` must outlive it. `host_root`: what the paths of the host begin at.
  Foresight(Identify identify, SipHashKey hash_key, MountTable& mounts, std::string host_root = "/")
      : identify_(std::move(identify)),
        hash_key_(hash_key),
        mounts_(mounts),
        host_root_(std::move(host_root)) {}

  // Judges an open, a creation, a deletion or an execve. `found` is what its path leads to.
  Result<Foreseen> of_file(const Wanted& wanted, const FoundFor& found, const Judge& judge);

  // Judges a connect or send to the address. `names`: those that the policy knows it by.
  static Foreseen of_destination(const Wanted& wanted, const Address& address,
                                 const std::vector<std::string>& names, const Judge& judge);

 private:
  Identify identify_;
  SipHashKey hash_key_;
  MountTable& mounts_;
  std::string host_root_;
};

}  // namespace stayd
