// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "context/mounts.h"

namespace stayd {

// A directory on the way to a file, or the file itself, as it is at one moment.
struct FileStep {
  std::uint64_t inode = 0;
  TimePoint changed{};            // ctime: the last change, also of a name
  std::optional<TimePoint> made;  // btime; nothing: the file system does not keep it
};

// The steps from the root of the mount that shows `path`, a path of this process's mount namespace,
// down to the file, which is the last. Symbolic links are not followed. `device`: the kernel's
// s_dev of the file. Empty: there is no such file on that device, it lies deeper than 128
// directories, or its times cannot be relied on. Only local file systems are asked, on the way,
// too: one that a workload serves could keep the caller waiting.
std::vector<FileStep> file_steps(const Mounts& mounts, std::uint32_t device, std::string_view path);

}  // namespace stayd
