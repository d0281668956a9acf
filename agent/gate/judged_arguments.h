// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context/operation.h"

namespace stayd {

// Gives the operation, an execve, the arguments that were judged, and shows as many of them as fit
// STAYD_ARGV_SIZE in place of what its event shows.
void set_judged_arguments(Operation& operation, JudgedArguments judged);

}  // namespace stayd
