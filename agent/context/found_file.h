// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "context/operation.h"

namespace stayd {

// The kinds of a path's last component.
enum class Leaf : std::uint8_t {
  file,      // what it leads to: symbolic links are followed
  name,      // what has the name, also a symbolic link
  new_name,  // nothing has that name yet
};

// A file that was found by its path, held open (O_PATH), with the directories above it as far as
// the root of the mount that shows it.
struct FoundFile {
  struct Step {
    Fd file;
    std::string name;  // in the step before
  };
  std::vector<Step> steps;  // from the top down: the last is the file, or with `new_name` its
                            // directory; at least one
  std::string new_name;     // Leaf::new_name
  std::uint64_t mount = 0;  // the id of the mount, statx(2) stx_mnt_id
};

// Looks `path` up below the directory `root`, which is what '/' means, also in symbolic links.
// Nothing but O_PATH is opened. Errors: nothing is there, it may not be searched, it is longer or
// deeper than a path can be, or leads into /proc, where names mean whoever looks. May wait for as
// long as a file system does: one that the workload has mounted can keep it waiting for good.
Result<FoundFile> find_file(const Fd& root, std::string_view path, Leaf leaf);

// The process and the user that a file is found for.
struct Onlooker {
  ProcessInstance process;
  uid_t uid = 0;
  gid_t gid = 0;
};

// The file that the onlooker's process would find: in its mount namespace, below its root, with the
// rights of its user and groups.
struct FoundFor {
  FoundFile file;
  // The path from the root of its file system, as the kernel side reports paths.
  std::string path_in_fs;
  std::uint32_t device = 0;  // the kernel's s_dev
};

// For a thread of its own, which has the onlooker's rights for files afterwards; see find_file().
// An error also if the process has ended.
Result<FoundFor> find_for(const Onlooker& onlooker, std::string_view path, Leaf leaf);

// The same for a program, which may be a name that is in a directory of the process's PATH, as that
// was when the process began.
Result<FoundFor> find_program_for(const Onlooker& onlooker, const std::string& program);

}  // namespace stayd
