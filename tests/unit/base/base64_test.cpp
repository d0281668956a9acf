// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

// RFC 4648, section 10.
constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, TheStandardsVectorsAreEncoded) {
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(base64url(bytes), text.substr(0, text.find('=')));
  }
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64, EveryByteAtEveryPlaceComesBack) {
  std::string bytes;
  for (int size = 0; size < 300; ++size) {
    EXPECT_EQ(decode_base64url(base64url(bytes)), bytes);
    bytes += static_cast<char>(size * 7);
  }
}

TEST(Base64, WhatIsNotTheOneTextOfItsBytesIsRefused) {
  for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm 8", "Zm8\n", " Zm8", "+//+", "Zm.8",
                           "Z\xc3\xa9", "Zh", "Zm9", "=", "Zm8 "}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64url(std::string_view("Zm\0v", 4)), std::nullopt);
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
}

}  // namespace
}  // namespace stayd
