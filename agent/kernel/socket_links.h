// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"

namespace stayd {

// The programs that watch the sockets of workloads' cgroups: what leaves them, and how long they
// try to connect. Pinned like the other links, so that pending connections stay shut while no agent
// is there, and nothing is counted twice while one follows another. One thread; the Programs must
// outlive it.
class SocketLinks {
 public:
  explicit SocketLinks(const Programs& programs) : programs_(programs) {}

  // `cgroup`: an open directory, and the number of its inode. Takes over what an earlier agent
  // attached to it; whatever else the slot has is let go.
  Result<> attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id);
  void detach(std::uint32_t slot);

 private:
  static constexpr std::size_t kPrograms = 2;
  struct Attachment;
  using Links = std::array<Fd, kPrograms>;

  std::array<Attachment, kPrograms> attachments() const;
  std::string pin_of(const Attachment& what, std::uint32_t slot) const;  // empty: none is
  Result<Fd> link(const Attachment& what, std::uint32_t slot, int cgroup, std::uint64_t cgroup_id);

  const Programs& programs_;
  std::map<std::uint32_t, Links> links_;  // by slot
};

}  // namespace stayd
