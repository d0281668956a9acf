// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace stayd {
namespace {

TEST(Digest, IsSha256InHex) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, OfPiecesIsThatOfTheWhole) {
  RunningDigest digest;
  EXPECT_EQ(digest.hex(), sha256_hex(""));
  digest.add("a");
  EXPECT_EQ(digest.hex(), sha256_hex("a"));
  digest.add("bc");
  EXPECT_EQ(digest.hex(), sha256_hex("abc"));
}

// RFC 4231, test case 2.
TEST(Digest, HmacIsThatOfTheRfc) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hex, GoesBothWaysInLowerCaseOnly) {
  EXPECT_EQ(hex(std::string_view("\x00\xfa", 2)), "00fa");
  EXPECT_EQ(from_hex("00fa"), std::string("\x00\xfa", 2));
  for (const char* wrong : {"0", "0g", "FA"}) EXPECT_FALSE(from_hex(wrong)) << wrong;
}

}  // namespace
}  // namespace stayd
