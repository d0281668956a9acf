// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stayd {

// The exit status of stayctl.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitUntold = 3,  // of what a workload asks about itself: stayd says nothing to this process
};

// The surroundings of a command besides its own options: where it writes and in which form, and
// which stayd it talks to. Answers go to `out`, errors and notes to `err`.
//
// With `json`, `out` gets JSON values only, one a line, and each line of `err` is {"error": TEXT}
// or {"note": TEXT}. Errors are not on `out`, so that no reader takes one for an answer: the exit
// status says which of the two to read.
struct Console {
  std::ostream& out;
  std::ostream& err;
  int width = 100;             // columns of `out`
  bool colour = false;         // `out` understands it and wants it
  std::istream* in = nullptr;  // somebody who can be asked; nullptr: nobody is there
  bool json = false;
  std::string socket_path = "/run/stayd/stayd.sock";
  // For commands that are run inside a workload.
  std::string self_socket_path = "/run/stayd/self.sock";
  std::istream* input = nullptr;  // what another program says; nullptr: nothing

  // Says what went wrong; gives `code` back.
  int fail(const Error& error, ExitCode code = kExitFailure) const;
  void note(std::string_view text) const;
  // Answers with `value` or, for people, with `text` and a newline; gives kExitOk.
  int answer(const nlohmann::json& value, std::string_view text) const;
};

// Unix time.
std::int64_t now_ms();

}  // namespace stayd
