// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include "context/operation.h"

namespace stayd {

// Two operations with equal keys are the same: the workload, then the object's bytes.
using ObjectKey = std::pair<WorkloadId, std::array<std::uint8_t, sizeof(stayd_object)>>;

inline ObjectKey key_of(WorkloadId workload, const stayd_object& object) {
  return {workload, std::bit_cast<std::array<std::uint8_t, sizeof(stayd_object)>>(object)};
}
inline ObjectKey key_of(const Operation& operation) {
  return key_of(operation.workload, operation.object);
}

// The common part of attempts at one host: workload, kind, port, protocol and name.
using HostKey = std::tuple<WorkloadId, OperationKind, std::uint16_t, std::uint16_t, std::string>;

inline HostKey host_key_of(const Operation& operation, const std::string& name) {
  return {operation.workload, operation.kind, operation.object.port, operation.object.protocol,
          name};
}

}  // namespace stayd
