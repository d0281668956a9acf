// SPDX-License-Identifier: Apache-2.0
// What an agent says to its hook. Whatever it is, what is taken from it is bounded and printable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ctl/hook_input.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const stayd::HookInput input =
      stayd::read_hook_input({reinterpret_cast<const char*>(data), size});
  check(input.session.size() <= 96 && input.event.size() <= 32 && input.error.size() <= 4096);
  for (const std::string& each : {input.session, input.event, input.error})
    for (const char c : each) check(c >= 0x20 && c <= 0x7e);
  return 0;
}
