// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"

namespace stayd {

// The program that looks at what leaves the sockets of workloads' cgroups. Pinned like the other
// links, so that pending connections stay shut while no agent is there, and nothing is counted
// twice while one follows another. One thread; the Programs must outlive it.
class SocketLinks {
 public:
  explicit SocketLinks(const Programs& programs) : programs_(programs) {}

  // `cgroup`: an open directory, and the number of its inode. Takes over what an earlier agent
  // attached to it.
  Result<> attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id);
  // The workload has been released: its sockets are free.
  void detach(std::uint32_t slot);
  // The workload has ended. Processes elsewhere may have sockets of it, which stay under the
  // program until the last of them is closed.
  void leave(std::uint32_t slot);

 private:
  struct Attached {
    std::uint64_t cgroup = 0;
    Fd link;
  };

  std::string pin_of(std::uint64_t cgroup_id) const;  // empty: links are not pinned
  void forget_those_without_sockets();

  const Programs& programs_;
  std::map<std::uint32_t, Attached> links_;  // by slot
  std::vector<Fd> left_;                     // of workloads that ended, if links are not pinned
};

}  // namespace stayd
