// SPDX-License-Identifier: Apache-2.0
// Each text that is taken is the only one for its bytes, and all bytes have one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = stayd::decode_base64url(input))
    if (stayd::base64url(*bytes) != input) std::abort();
  if (stayd::decode_base64url(stayd::base64url(input)) != input) std::abort();
  return 0;
}
