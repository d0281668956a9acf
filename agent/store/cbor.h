// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stayd {

struct CborLimits {
  std::size_t bytes = std::size_t{4} << 20;
  std::size_t depth = 16;  // nested arrays and maps
};

// RFC 8949. Of JSON's values those that parse_cbor() takes; `binary` for bytes.
std::string dump_cbor(const nlohmann::json& value);

// One data item and nothing after it, of integers that fit 64 bits with their sign, byte and
// text strings, arrays, maps, true, false and null; all of definite length. No floating
// point, no tags. The error says where.
Result<nlohmann::json> parse_cbor(std::string_view bytes, const CborLimits& limits = {});

}  // namespace stayd
