// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/database.h"

namespace stayd {

// Returns what a sealed body becomes, or nothing if it stays as it is.
using Rewrite = std::function<std::optional<std::string>(std::string_view sealed)>;

// Rewrites the bodies of all tickets, grants and decisions, row by row, so that memory does not
// grow with the tables. For a Migration, which gives it a transaction. Fails only as the database
// does.
Result<> rewrite_bodies(Database& database, const Rewrite& rewrite);

}  // namespace stayd
