// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/compiler.h"
#include "policy/port_rules.h"

namespace stayd {

// Fills `compiled.network` and `compiled.prefixes`.
std::optional<Error> compile_prefixes(const Policy& policy, CompiledPolicy& compiled);

// The layer's entry for the longest prefix around the address of less than `shorter_than` bits;
// nullptr: there is none.
const std::pair<Prefix, NetworkLayer::OfPrefix>* longest_prefix(const NetworkLayer& layer,
                                                                const Address& address,
                                                                std::uint32_t shorter_than);

// Combines the lists of all layers: those of packs only make the policy's stricter.
PortRules combine(const std::vector<PortRules>& by_layer, Verdict otherwise);

// With the exceptions of flows that are about addresses in the prefix, and those that are about
// hosts of these names.
PortRules with_exceptions(PortRules rules, const CompiledPolicy& policy, const Prefix& prefix,
                          const std::vector<std::string>& hosts);

}  // namespace stayd
