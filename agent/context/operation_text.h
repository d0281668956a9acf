// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "context/operation.h"

namespace stayd {

// What the operation is about: its path, which is the workload's bytes (escape to show), or its
// endpoint.
std::string object_text(const Operation& operation);

}  // namespace stayd
