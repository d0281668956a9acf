// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"
#include "policy/compiler.h"

namespace stayd {

// What the kernel calls the file or directory at `path` (which is followed to its end),
// then the roots of all mounts below it: the kernel's walk from a file in one of those ends
// at that root. The identity comes from the kernel itself, since stat(2) reports another
// device on overlayfs and btrfs.
// They hold as long as the descriptors added to `pins` are open.
Result<std::vector<Identity>> identify(const Programs& programs, const std::string& path,
                                       std::vector<Fd>& pins);

}  // namespace stayd
