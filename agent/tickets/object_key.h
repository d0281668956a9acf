// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "context/operation.h"

namespace stayd {

// What makes two operations the same: the workload, then the object's bytes.
using ObjectKey = std::pair<WorkloadId, std::array<std::uint8_t, sizeof(stayd_object)>>;

inline ObjectKey key_of(WorkloadId workload, const stayd_object& object) {
  return {workload, std::bit_cast<std::array<std::uint8_t, sizeof(stayd_object)>>(object)};
}
inline ObjectKey key_of(const Operation& operation) {
  return key_of(operation.workload, operation.object);
}

}  // namespace stayd
