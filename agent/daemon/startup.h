// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "daemon/options.h"

namespace stayd {

// Runs the agent until SIGTERM or SIGINT. Prints "stayd: ready (lsm)" or "(fmod_ret)" once
// it enforces. Must be called on the process's first thread, before any other is started.
Result<> run_daemon(const DaemonOptions& options);

}  // namespace stayd
