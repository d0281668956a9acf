// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stayd {

// The path by which the host reaches `path_in_fs`, a path from the root of its file system.
// `mountinfo_text` is the text of /proc/<pid>/mountinfo; `kernel_dev` is the kernel's s_dev
// (12 bits of major above 20 of minor). Of several mounts the one that shows the largest
// part of the file system wins, then the first: a bind mount that a workload made cannot
// give a file a better name. Nothing: no mount shows it. For people to read: nothing may be
// opened or decided by this path.
std::optional<std::string> find_host_path(const std::string& mountinfo_text,
                                          std::uint32_t kernel_dev, const std::string& path_in_fs);

// The same; where no mount shows it, `path_in_fs` as it came.
std::string host_path(const std::string& mountinfo_text, std::uint32_t kernel_dev,
                      const std::string& path_in_fs);

// Where something is mounted, in the order of the text.
std::vector<std::string> mount_points(const std::string& mountinfo_text);

}  // namespace stayd
