// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context/evidence.h"
#include "kernel/programs.h"
#include "stayd/wire.h"

namespace stayd {

// Reads what the kernel side has noted of the data that a workload has read and sent since it was
// assigned. It is for people: nothing may be decided by it. Notes that cannot be read count as
// unknown. Any thread; the Programs must outlive it.
class DataTrail {
 public:
  explicit DataTrail(const Programs& programs);

  FilesRead files_read(std::uint32_t slot) const;
  Sent sent(std::uint32_t slot) const;
  // For a new workload in the slot.
  void forget(std::uint32_t slot);

 private:
  Maps::PerSlot<stayd_files_read> files_read_;
  Maps::PerSlot<stayd_sent> sent_;
};

// Combines two reads of a value that the kernel side may be updating: an entry counts only if both
// reads agree on it.
FilesRead files_read_of(const stayd_files_read& first, const stayd_files_read& second);
Sent sent_of(const stayd_sent& noted);

}  // namespace stayd
