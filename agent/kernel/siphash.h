// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace stayd {

using SipHashKey = std::array<std::uint64_t, 2>;

// The hashes of names as bpf/lib/walk.bpf.h computes them, for the keys of maps.
std::uint64_t hash_file_name(const SipHashKey& key, std::string_view name);       // not empty
std::uint64_t hash_extension(const SipHashKey& key, std::string_view extension);  // 1..15 bytes
std::uint64_t hash_abstract_name(const SipHashKey& key, std::string_view name);   // 1..107 bytes

}  // namespace stayd
