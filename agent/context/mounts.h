// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayd {

// The kernel's s_dev (12 bits of major above 20 of minor) as mountinfo has it: "8:1".
std::string device_text(std::uint32_t kernel_dev);

// A mount namespace's mounts at one moment. A value; for the host's as they are now, see
// context/mount_table.h.
class Mounts {
 public:
  struct Mount {
    std::uint64_t id = 0;  // statx(2) stx_mnt_id
    std::string device;    // "major:minor"
    std::string root;      // within the file system
    std::string point;     // where it is mounted
    std::string type;      // of the file system: "ext4"; empty: it is not said
  };

  Mounts() = default;
  // `mountinfo_text`: of /proc/<pid>/mountinfo, proc(5). Lines that are not of that form are
  // skipped.
  explicit Mounts(std::string_view mountinfo_text);

  // The path by which the host reaches `path_in_fs`, a path from the root of its file system.
  // `kernel_dev` is the kernel's s_dev. Of several mounts the one that shows the largest part of
  // the file system wins, then the first: a bind mount that a workload made cannot give a file a
  // better name. Nothing: no mount shows it. For people to read: nothing may be opened or decided
  // by this path alone.
  std::optional<std::string> find_host_path(std::uint32_t kernel_dev,
                                            const std::string& path_in_fs) const;

  // The same; where no mount shows it, `path_in_fs` as it came.
  std::string host_path(std::uint32_t kernel_dev, const std::string& path_in_fs) const;

  // nullptr: there is no such mount. Valid as long as this is.
  const Mount* find(std::uint64_t id) const;

  // True if a program may answer for a file system on the way to `path`, and could keep whoever
  // looks there waiting: FUSE.
  bool is_served(std::string_view path) const;

  // The places where something is mounted, in the order of the text.
  std::vector<std::string> points() const;

  // Returns the path at which the directory that is mounted at `point` is an ordinary one, below
  // another mount of its file system; nothing: it is the root of its file system, or no other mount
  // shows it. Something else may be mounted over that path.
  std::optional<std::string> bound_from(const std::string& point) const;

 private:
  std::vector<Mount> mounts_;
};

}  // namespace stayd
