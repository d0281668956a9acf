// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ctl/option.h"
#include "policy/pack.h"

namespace stayd {

// --packs DIR:DIR of the commands that read policies.
Option packs_option(std::string& to);

// The packs in `given`, else in $STAYD_PACKS, whoever can write them; else where stayd looks by
// itself, and only those that it would use.
PackSource packs_of(const std::string& given);

}  // namespace stayd
