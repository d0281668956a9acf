// SPDX-License-Identifier: Apache-2.0
#include "kernel/exec_hash.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

constexpr SipHashKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> 8 * i);
  return bytes;
}

// The message that bpf/exec.bpf.h hashes of an argument: pieces of 64 bytes with a zero at their
// end, each with how many bytes of it count.
std::string pieces(const std::string& argument) {
  std::string message;
  for (std::size_t at = 0;; at += 63) {
    std::string piece = argument.substr(at, 63);
    const std::size_t size = piece.size() + 1;
    piece.resize(64);
    message += piece + little_endian(size);
    if (size < 64) return message;
  }
}

std::uint64_t expected(const std::vector<std::string>& arguments) {
  std::string rest;
  for (std::size_t i = 1; i < arguments.size(); ++i) rest += pieces(arguments[i]);
  return siphash(kKey, little_endian(arguments.empty() ? 0 : siphash(kKey, pieces(arguments[0]))) +
                           little_endian(siphash(kKey, rest)) + little_endian(arguments.size()) +
                           little_endian(7) + little_endian(9));
}

TEST(ExecHash, IsThatOfThePiecesOfEveryArgument) {
  EXPECT_EQ(exec_hash(kKey, {}, 7, 9), expected({}));
  EXPECT_EQ(exec_hash(kKey, {"git", "push", "--force"}, 7, 9),
            expected({"git", "push", "--force"}));
  for (std::size_t length = 0; length <= 200; ++length) {
    const std::string argument(length, 'x');
    EXPECT_EQ(exec_hash(kKey, {argument}, 7, 9), expected({argument})) << length;
    EXPECT_EQ(exec_hash(kKey, {"git", argument, ""}, 7, 9), expected({"git", argument, ""}))
        << length;
  }
}

TEST(ExecHash, DiffersWithTheArgumentsTheirSplitTheTimeAndTheSize) {
  const std::uint64_t one = exec_hash(kKey, {"git", "a b"}, 7, 9);
  EXPECT_NE(one, exec_hash(kKey, {"git", "a", "b"}, 7, 9));
  EXPECT_NE(one, exec_hash(kKey, {"git", "a b"}, 8, 9));
  EXPECT_NE(one, exec_hash(kKey, {"git", "a b"}, 7, 10));
  EXPECT_NE(exec_hash(kKey, {""}, 7, 9), exec_hash(kKey, {}, 7, 9));
}

}  // namespace
}  // namespace stayd
