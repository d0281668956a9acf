// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "ctl/command.h"

namespace stayd {

// A line or two for each command whose name begins with the word `group`, or for all if that is
// empty; no line is longer than 100 columns.
std::string help(const std::vector<Command>& commands, const std::string& group = {});
// Returns the command's synopsis, what it does, and every option.
std::string help(const Command& command);

}  // namespace stayd
