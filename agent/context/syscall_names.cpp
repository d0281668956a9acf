// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "context/operation.h"

namespace stayd {
namespace {

struct Name {
  std::int32_t number;
  const char* text;
};

// Only the calls by which a file can be opened or created, a peer reached or a program
// run; the kernel's tables never change a number.
constexpr Name kNative[] = {
    {2, "open"},
    {42, "connect"},
    {44, "sendto"},
    {46, "sendmsg"},
    {49, "bind"},
    {59, "execve"},
    {76, "truncate"},
    {82, "rename"},
    {83, "mkdir"},
    {84, "rmdir"},
    {85, "creat"},
    {86, "link"},
    {87, "unlink"},
    {88, "symlink"},
    {133, "mknod"},
    {134, "uselib"},
    {163, "acct"},
    {167, "swapon"},
    {240, "mq_open"},
    {257, "openat"},
    {258, "mkdirat"},
    {259, "mknodat"},
    {263, "unlinkat"},
    {264, "renameat"},
    {265, "linkat"},
    {266, "symlinkat"},
    {304, "open_by_handle_at"},
    {307, "sendmmsg"},
    {316, "renameat2"},
    {322, "execveat"},
    {425, "io_uring_setup"},
    {426, "io_uring_enter"},
    {427, "io_uring_register"},
    {437, "openat2"},
};

// x32 has its own numbers where structures differ, and else the native ones.
constexpr std::int32_t kX32Bit = 0x40000000;
constexpr Name kX32[] = {
    {518, "sendmsg"},
    {520, "execve"},
    {538, "sendmmsg"},
    {545, "execveat"},
};
constexpr std::int32_t kNotInX32[] = {46, 59, 134, 307, 322};

constexpr Name kI386[] = {
    {5, "open"},
    {8, "creat"},
    {11, "execve"},
    {10, "unlink"},
    {14, "mknod"},
    {38, "rename"},
    {39, "mkdir"},
    {40, "rmdir"},
    {51, "acct"},
    {83, "symlink"},
    {86, "uselib"},
    {87, "swapon"},
    {92, "truncate"},
    {102, "socketcall"},
    {193, "truncate64"},
    {277, "mq_open"},
    {295, "openat"},
    {296, "mkdirat"},
    {297, "mknodat"},
    {301, "unlinkat"},
    {302, "renameat"},
    {304, "symlinkat"},
    {342, "open_by_handle_at"},
    {345, "sendmmsg"},
    {353, "renameat2"},
    {358, "execveat"},
    {361, "bind"},
    {362, "connect"},
    {369, "sendto"},
    {370, "sendmsg"},
    {425, "io_uring_setup"},
    {426, "io_uring_enter"},
    {427, "io_uring_register"},
    {437, "openat2"},
};

template <std::size_t N>
const char* find_name(const Name (&table)[N], std::int32_t number) {
  const Name* found = std::find_if(std::begin(table), std::end(table),
                                   [number](const Name& name) { return name.number == number; });
  return found == std::end(table) ? nullptr : found->text;
}

const char* find_x32_name(std::int32_t number) {
  if (const char* name = find_name(kX32, number)) return name;
  const bool refused =
      std::find(std::begin(kNotInX32), std::end(kNotInX32), number) != std::end(kNotInX32);
  return refused ? nullptr : find_name(kNative, number);
}

}  // namespace

std::string syscall_name(std::int32_t number, bool compat) {
  const char* name = nullptr;
  if (compat) {
    name = find_name(kI386, number);
  } else if (number >= kX32Bit) {
    name = find_x32_name(number - kX32Bit);
  } else {
    name = find_name(kNative, number);
  }
  return name != nullptr ? name : "syscall " + std::to_string(number);
}

}  // namespace stayd
