// SPDX-License-Identifier: Apache-2.0
#include "approval/self_readers.h"

#include <algorithm>

namespace stayd {

std::optional<std::uint64_t> SelfReaders::read(WorkloadId workload, const std::string& reader,
                                               std::uint64_t latest) {
  std::list<Reader>& readers = workloads_[workload];
  std::optional<std::uint64_t> before;
  const auto known = std::ranges::find(readers, reader, &Reader::name);
  if (known != readers.end()) {
    before = known->seq;
    readers.erase(known);
  }
  readers.push_front({reader, latest});
  if (readers.size() > kMax) readers.pop_back();
  return before;
}

}  // namespace stayd
