// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "policy/policy.h"

namespace stayd {

// A list of rules about one address, of which the first that matches counts; for
// compile_network.cpp and decision.cpp only.
using PortRules = std::vector<stayd_port_rule>;

stayd_port_rule port_rule(const Rule& rule, std::uint16_t first_port, std::uint16_t last_port,
                          std::uint8_t protocol);

// Fewer ports first, then a protocol before none, then the stricter.
bool is_more_specific(const stayd_port_rule& a, const stayd_port_rule& b);

// One list that says of every port and protocol the stricter of what `own` and `other` say, and
// what `own` does not mention `otherwise`. What `other` does not mention is `own`'s. Between equals
// `own`'s rule, if there is one.
PortRules stricter_of(const PortRules& own, Verdict otherwise, const PortRules& other);

// The same list, with `flows` exempt where `exception` matches. What it does not mention is
// `otherwise`.
PortRules with_exception(const PortRules& rules, Verdict otherwise,
                         const stayd_port_rule& exception, std::uint16_t flows);

// The list as the kernel side takes it. What would be kept of too many rules could be laxer than
// all of them: then everything is denied.
stayd_prefix bounded(const PortRules& rules);

}  // namespace stayd
