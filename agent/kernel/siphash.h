// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace stayd {

using SipHashKey = std::array<std::uint64_t, 2>;

// SipHash-2-4 of `message`, as bpf/ computes it for the keys of maps: of a file's name, of the
// extension after its last dot, of an abstract unix socket's name without its leading zero byte.
std::uint64_t siphash(const SipHashKey& key, std::string_view message);

}  // namespace stayd
