// SPDX-License-Identifier: Apache-2.0
// Any bytes give a ticket, grant or decision, or an error; what was taken is not changed by
// storing it again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/ticket_codec.h"

namespace {

template <class T>
void decode(stayd::Result<T> (*decode)(std::string_view), std::string_view bytes) {
  const stayd::Result<T> value = decode(bytes);
  if (!value) {
    if (value.error().message.empty()) std::abort();
    return;
  }
  const std::string stored = stayd::encode(*value);
  const stayd::Result<T> again = decode(stored);
  if (!again || stayd::encode(*again) != stored) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  decode(stayd::decode_ticket, bytes);
  decode(stayd::decode_grant, bytes);
  decode(stayd::decode_decision, bytes);
  return 0;
}
