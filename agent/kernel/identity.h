// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"
#include "policy/compiler.h"

namespace stayd {

// What the kernel calls the open file.
Result<Identity> identify(const Programs& programs, const Fd& file);

// Finds what the kernel calls the paths of one policy: itself, the names on the way to it, and
// the roots of all mounts below it, because the kernel's walk from a file in one of those ends
// at that root. Symbolic links are followed now, not later. Names above the last mount on the
// way are left out: the walk does not come by them.
//
// Identities hold as long as the descriptors in pins() are open.
class Locator {
 public:
  explicit Locator(const Programs& programs) : programs_(programs) {}

  // Error: the path cannot be looked at, for another reason than that nothing is there.
  Result<Located> locate(const std::string& path);

  std::vector<Fd> take_pins() { return std::move(pins_); }

 private:
  struct Place {
    Identity identity;
    std::uint64_t mount = 0;
  };

  Result<Place> look_at(const std::string& real_path);
  const std::vector<std::string>& mounts();

  const Programs& programs_;
  std::map<std::string, Place> known_;
  std::optional<std::vector<std::string>> mounts_;
  std::vector<Fd> pins_;
};

}  // namespace stayd
