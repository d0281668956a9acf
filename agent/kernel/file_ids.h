// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "context/mounts.h"
#include "kernel/programs.h"
#include "policy/compiler.h"
#include "stayd/files.h"

namespace stayd {

// Returns what the kernel calls each of this process's open files, by descriptor. It goes through
// all of them.
Result<std::vector<stayd_identity>> identify_all(const Programs& programs);

// Returns what the kernel calls the open file.
Result<Identity> identify(const Programs& programs, const Fd& file);

// Finds what the kernel calls the paths of one policy: itself, the names on the way to it, and
// the roots of all mounts below it, because the kernel's walk from a file in one of those ends
// at that root. Symbolic links are followed now, not later. Names above the last mount on the
// way are left out: the walk does not come by them.
//
// Identities hold as long as the descriptors in pins() are open.
class Locator {
 public:
  // `mounts`: the host's, now; must outlive it.
  Locator(const Programs& programs, const Mounts& mounts)
      : programs_(programs), mounts_(mounts), mount_points_(mounts.points()) {}

  // For paths that are about to be located: asks the kernel about all of them at once, because
  // each question makes it go through every open file of this process. What fails here fails
  // in locate() as well, which says so.
  void look_ahead(const std::vector<std::string>& paths);

  // Error: the path cannot be looked at, for another reason than that nothing is there.
  Result<Located> locate(const std::string& path);

  std::vector<Fd> take_pins() { return std::move(pins_); }

 private:
  struct Place {
    Identity identity;
    std::uint64_t mount = 0;
  };
  // Held open by pins_; without an identity if the kernel has to be asked for it.
  struct Opened {
    int fd;
    std::uint64_t mount;
    std::optional<Identity> identity;
  };

  // The longest part of the path that exists, without symbolic links, and what is missing.
  struct Split {
    std::filesystem::path real;
    std::vector<std::string> missing;
  };

  Result<Split> split(const std::string& path);
  Result<Opened> open(const std::string& real_path);
  Result<Place> look_at(const std::string& real_path);
  void add_parents(const std::string& mount_point, Located& located);

  const Programs& programs_;
  const Mounts& mounts_;
  const std::vector<std::string> mount_points_;
  std::map<std::string, Place> known_;                        // by real path
  std::map<std::string, std::filesystem::path> directories_;  // without symbolic links
  std::vector<Fd> pins_;
};

}  // namespace stayd
