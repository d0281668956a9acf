// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "context/operation.h"

namespace stayd {

// Remembers how far each reader of a workload has read, so that the hook of an agent's session
// needs no file of its own, which the policy might not let it write. A reader is known by the name
// that it gives itself, for instance the session of an agent.
//
// Of each workload the kMax readers that asked last are known. One thread; pure.
class SelfReaders {
 public:
  static constexpr std::size_t kMax = 64;

  // Notes that the reader has read up to `latest`, and returns how far it had read before; nothing:
  // it is new.
  std::optional<std::uint64_t> read(WorkloadId workload, const std::string& reader,
                                    std::uint64_t latest);

  void forget(WorkloadId workload) { workloads_.erase(workload); }

 private:
  struct Reader {
    std::string name;
    std::uint64_t seq = 0;
  };

  std::map<WorkloadId, std::list<Reader>> workloads_;  // who asked last comes first
};

}  // namespace stayd
