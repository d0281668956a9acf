// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context/evidence.h"
#include "kernel/programs.h"
#include "stayd/wire.h"

namespace stayd {

struct FilesRead {
  struct File {
    std::uint32_t device = 0;  // the kernel's s_dev
    std::string path;          // from the root of its file system, or "…/the/last/of/it"
  };
  std::uint64_t count = 0;
  std::vector<File> latest;  // the latest last, at most STAYD_FILES_READ
};

struct Sent {
  std::uint64_t bytes = 0;  // in all, to `to` and elsewhere
  std::vector<SentTo> to;   // most bytes first, at most STAYD_DESTINATIONS; without names
};

// What the kernel side has noted of the data that a workload took in and gave away, since it was
// assigned. For people: nothing may be decided by it. What cannot be read is not known. Any
// thread; the Programs must outlive it.
class DataTrail {
 public:
  explicit DataTrail(const Programs& programs);

  FilesRead files_read(std::uint32_t slot) const;
  Sent sent(std::uint32_t slot) const;
  // For a new workload in the slot.
  void forget(std::uint32_t slot);

 private:
  int files_read_, sent_;
};

// Combines two reads of a value that the kernel side may be updating: an entry counts only if both
// reads agree on it.
FilesRead files_read_of(const stayd_files_read& first, const stayd_files_read& second);
Sent sent_of(const stayd_sent& noted);

}  // namespace stayd
