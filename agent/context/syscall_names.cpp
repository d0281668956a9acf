// SPDX-License-Identifier: Apache-2.0
#include "context/operation.h"
#include "stayd/syscalls.h"

namespace stayd {
namespace {

// The call with this number in one of the three tables; nothing: stayd/syscalls.h does not list it.
const char* name_of(std::int32_t number, bool compat) {
  const bool x32 = !compat && (number & STAYD_X32_BIT) != 0;
  const std::int32_t listed = x32 ? number & ~STAYD_X32_BIT : number;
  if (listed == STAYD_NO_CALL) return nullptr;
#define STAYD_MATCH(name, native, x32_number, compat_number, operations) \
  if (listed == (compat ? (compat_number) : x32 ? (x32_number) : (native))) return #name;
  STAYD_SYSCALLS(STAYD_MATCH)
#undef STAYD_MATCH
  return nullptr;
}

}  // namespace

std::string syscall_name(std::int32_t number, bool compat) {
  const char* name = name_of(number, compat);
  return name != nullptr ? name : "syscall " + std::to_string(number);
}

}  // namespace stayd
