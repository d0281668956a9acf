// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "policy/address.h"

namespace stayd {

// The resolvers that this host's programs ask, resolv.conf(5), as the file is now. None if it
// cannot be read.
std::vector<Address> host_resolvers();

}  // namespace stayd
