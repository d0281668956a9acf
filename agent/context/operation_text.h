// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "context/operation.h"

namespace stayd {

// Returns the object of the operation: its path, which is the workload's bytes (escape to show), or
// its endpoint.
std::string object_text(const Operation& operation);

}  // namespace stayd
