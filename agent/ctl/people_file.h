// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "ctl/option.h"

namespace stayd {

inline constexpr const char* kPeopleFile = "/etc/stayd/people.yaml";
inline constexpr const char* kReloadHint = "Run 'stayctl policy reload' to put it into force.";

Option people_option(std::string& to);

// Replaces the text of people.yaml by what `change` makes of it; `change` gets "" if there is no
// file. What stayd would not accept at its next reload is not written. Gives whether the file is
// new.
using PeopleChange = std::function<Result<std::string>(const std::string& before)>;
Result<bool> change_people(const std::string& file, const PeopleChange& change);

}  // namespace stayd
