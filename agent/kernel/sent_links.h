// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"

namespace stayd {

// Has the kernel side count what the sockets of workloads' cgroups send. Pinned like the other
// links, so that nothing is missed while no agent is there, nor counted twice while one follows
// another. One thread; the Programs must outlive it.
class SentLinks {
 public:
  explicit SentLinks(const Programs& programs) : programs_(programs) {}

  // `cgroup`: an open directory, and the number of its inode. Takes over what an earlier agent
  // attached to it; whatever else the slot has is let go.
  Result<> attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id);
  void detach(std::uint32_t slot);

 private:
  std::string pin_of(std::uint32_t slot) const;  // empty: links are not pinned

  const Programs& programs_;
  std::map<std::uint32_t, Fd> links_;  // by slot
};

}  // namespace stayd
