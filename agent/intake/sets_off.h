// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context/operation.h"
#include "intake/gate.h"

namespace stayd {

// Says what becomes stricter for the workload once the operation has gone on, because it reads a
// label that a flow is after: "all network access is held, but to api.example.com:443". Empty if
// nothing does, or did already when `labels_read`, a mask of the workload's labels, was read.
std::vector<std::string> set_off_by(const WorkloadFacts& workload, const Operation& operation,
                                    std::uint64_t labels_read);

}  // namespace stayd
