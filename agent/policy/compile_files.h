// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policy/compiler.h"

namespace stayd {

// Fills nodes, entries, names, globs and unresolved, and what they ask of settings.flags; for
// compile() only. `masks`: of Policy::labels, their bits.
std::optional<Error> compile_files(const Policy& policy, const std::vector<std::uint64_t>& masks,
                                   const PathResolver& resolve, CompiledPolicy& compiled);

}  // namespace stayd
