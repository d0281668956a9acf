// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/siphash.h"

namespace stayd {

// stayd_object::hash of an execve, as bpf/exec.bpf.h computes it: of the arguments, none of which
// has a zero byte, and of the program's change time in ns and size.
std::uint64_t exec_hash(const SipHashKey& key, const std::vector<std::string>& arguments,
                        std::uint64_t change_time_ns, std::uint64_t size);

}  // namespace stayd
