// SPDX-License-Identifier: Apache-2.0
// The same by the 32-bit entry to the kernel, whose numbers and registers are others.
#include <fcntl.h>
#include <sys/mman.h>

#include <cstring>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using Compat = KernelTest;

constexpr long kOpen = 5, kGetpid = 20, kConnectOfSocketcall = 3, kSocketcall = 102;

long call_32(long number, long first, long second, long third) {
  long result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(first), "c"(second), "d"(third)
               : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

// Memory that a 32-bit pointer reaches.
char* low_memory() {
  void* memory =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

long address_of(const void* memory) { return reinterpret_cast<long>(memory); }

bool has_32_bit_calls() {
  Actor actor("", [](Report&) { return call_32(kGetpid, 0, 0, 0); });
  return actor.ends() && actor.exit_code() == 0 && actor.report().value == actor.pid();
}

TEST_F(Compat, OpenIsHeldAndGoesOn) {
  if (!has_32_bit_calls()) GTEST_SKIP() << "this kernel has no 32-bit system calls";
  const Body opens = [file = customers()](Report& report) -> long {
    char* name = low_memory();
    if (!name) return -1;
    std::strcpy(name, file.c_str());
    Fd descriptor(static_cast<int>(call_32(kOpen, address_of(name), O_RDONLY, 0)));
    if (!descriptor) return -1;
    const ssize_t size = ::read(descriptor.get(), report.text, sizeof(report.text) - 1);
    return size;
  };
  ASSERT_GT(unguarded(opens), 0);
  const auto actor = tagged(opens);
  const Json ticket = question("open");
  EXPECT_EQ(ticket["operation"]["syscall"]["abi"], "i386");
  EXPECT_EQ(ticket["operation"]["syscall"]["name"], "open");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, kCustomers);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Compat, ConnectThroughSocketcallIsHeldAndGoesOn) {
  if (!has_32_bit_calls()) GTEST_SKIP() << "this kernel has no 32-bit system calls";
  TcpListener listener;
  const Body connects_32 = [port = listener.port()](Report&) -> long {
    char* memory = low_memory();
    if (!memory) return -1;
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    std::memcpy(memory + 64, &address, sizeof(address));
    const std::uint32_t arguments[3] = {static_cast<std::uint32_t>(socket.get()),
                                        static_cast<std::uint32_t>(address_of(memory + 64)),
                                        sizeof(address)};
    std::memcpy(memory, arguments, sizeof(arguments));
    return call_32(kSocketcall, kConnectOfSocketcall, address_of(memory), 0);
  };
  ASSERT_EQ(unguarded(connects_32), 0);
  ASSERT_TRUE(listener.has_connection());
  listener.drop();
  const auto actor = tagged(connects_32);
  const Json ticket = question("connect");
  EXPECT_FALSE(listener.has_connection());
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 0);
  EXPECT_TRUE(listener.has_connection());
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
