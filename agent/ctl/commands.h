// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ctl/command.h"

namespace stayd {

// Every command, in the order of help. Each call makes them anew, with no value set.
std::vector<Command> commands();

// The whole of stayctl: `words` are the arguments without the program's name. Reports errors
// itself and gives an ExitCode. $STAYD_SOCKET counts unless --socket is given.
int run_stayctl(std::span<const std::string> words, const Console& console);

}  // namespace stayd
