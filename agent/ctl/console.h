// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>
#include <ostream>

#include "base/result.h"

namespace stayd {

enum ExitCode : int { kExitOk = 0, kExitFailure = 1, kExitUsage = 2 };

// Where a command writes: answers to `out`, complaints to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  int width = 100;             // columns of `out`
  bool colour = false;         // `out` understands it and wants it
  std::istream* in = nullptr;  // somebody who can be asked; nullptr: nobody is there

  int fail(const Error& error, ExitCode code = kExitFailure) const {
    err << "stayctl: " << error.message << '\n';
    return code;
  }
};

// Unix time.
std::int64_t now_ms();

}  // namespace stayd
