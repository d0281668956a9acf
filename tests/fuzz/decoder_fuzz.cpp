// SPDX-License-Identifier: Apache-2.0
// The ring buffer's reader: whatever the bytes, an event or an error.
#include <cstddef>
#include <cstdint>

#include "kernel/decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)stayd::decode_event({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
