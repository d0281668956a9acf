// SPDX-License-Identifier: Apache-2.0
// The numbers of stayd/syscalls.h against the headers that the kernel publishes.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "stayd/syscalls.h"

namespace stayd {
namespace {

using Numbers = std::map<std::string, int>;

// "#define __NR_open 2", or "(__X32_SYSCALL_BIT + 2)".
Numbers published(const std::string& header) {
  static const std::regex kLine(R"(#define __NR_(\w+) \(?(?:__X32_SYSCALL_BIT \+ )?(\d+)\)?)");
  Numbers numbers;
  std::ifstream file("/usr/include/x86_64-linux-gnu/asm/" + header);
  for (std::string line; std::getline(file, line);)
    if (std::smatch found; std::regex_match(line, found, kLine))
      numbers[found[1]] = std::stoi(found[2]);
  return numbers;
}

void expect_same(const Numbers& theirs, const std::string& name, int ours) {
  const auto found = theirs.find(name);
  EXPECT_EQ(ours, found == theirs.end() ? STAYD_NO_CALL : found->second) << name;
}

TEST(SyscallNumbers, AreThoseThatTheKernelPublishes) {
  const Numbers native = published("unistd_64.h");
  const Numbers x32 = published("unistd_x32.h");
  const Numbers compat = published("unistd_32.h");
  ASSERT_GT(native.size(), 300u);
  ASSERT_GT(x32.size(), 300u);
  ASSERT_GT(compat.size(), 300u);
#define STAYD_EXPECT(name, native_number, x32_number, compat_number, operations) \
  expect_same(native, #name, native_number);                                     \
  expect_same(x32, #name, x32_number);                                           \
  expect_same(compat, #name, compat_number);
  STAYD_SYSCALLS(STAYD_EXPECT)
#undef STAYD_EXPECT
}

}  // namespace
}  // namespace stayd
