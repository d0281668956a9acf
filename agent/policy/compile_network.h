// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "policy/compiler.h"

namespace stayd {

// Fills the prefixes; for compile() only.
std::optional<Error> compile_prefixes(const Policy& policy, CompiledPolicy& compiled);

// Fewer ports before more, one protocol before any; between equals the stricter.
bool is_more_specific(const stayd_port_rule& a, const stayd_port_rule& b);

stayd_port_rule port_rule(const Rule& rule, std::uint16_t first_port, std::uint16_t last_port,
                          std::uint8_t protocol);

}  // namespace stayd
