// SPDX-License-Identifier: Apache-2.0
#include "store/cbor.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace stayd {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using ::testing::HasSubstr;

std::string error_of(const std::string& bytes) {
  const Result<json> value = parse_cbor(bytes);
  return value ? "(taken)" : value.error().message;
}

TEST(Cbor, ValuesComeBackAsTheyWere) {
  const json value = {{"smallest", std::numeric_limits<std::int64_t>::min()},
                      {"largest", std::numeric_limits<std::uint64_t>::max()},
                      {"bytes", json::binary({0, 255, 128})},
                      {"text", "t"},
                      {"list", {true, false, nullptr, json::array(), json::object()}}};
  const Result<json> parsed = parse_cbor(dump_cbor(value));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, value);
}

TEST(Cbor, EveryShorterPieceIsAnError) {
  const std::string bytes = dump_cbor({{"a", {1, -300, 70000}}, {"b", json::binary({1, 2, 3})}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT(error_of(bytes.substr(0, size)), HasSubstr("it ends too early")) << size;
  EXPECT_THAT(error_of(bytes + '\0'), HasSubstr("something follows"));
}

TEST(Cbor, WhatIsNeverWrittenIsNotTaken) {
  EXPECT_THAT(error_of("\xfb\x3f\xf0\0\0\0\0\0\0"s), HasSubstr("a simple value or a fraction"));
  EXPECT_THAT(error_of("\xc1\x01"s), HasSubstr("a tag"));
  EXPECT_THAT(error_of("\x9f\x01\xff"s), HasSubstr("not definite"));
  EXPECT_THAT(error_of("\x3b\xff\xff\xff\xff\xff\xff\xff\xff"s), HasSubstr("out of range"));
  EXPECT_THAT(error_of("\xf8\x20"s), HasSubstr("a simple value"));
  EXPECT_THAT(error_of("\xa1\x01\x02"s), HasSubstr("a key that is not text"));
}

TEST(Cbor, AnEnormousLengthAsksForNoMemory) {
  EXPECT_THAT(error_of("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"s), HasSubstr("too early"));
  EXPECT_THAT(error_of("\xbb\x80\0\0\0\0\0\0\0"s), HasSubstr("too early"));
  EXPECT_THAT(error_of("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"s), HasSubstr("too early"));
}

// The library's own reader would use up the stack for each of these.
TEST(Cbor, DeepNestingIsAnErrorAndNotTheEndOfTheStack) {
  EXPECT_THAT(error_of(std::string(2'000'000, '\x81') + '\x01'), HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(std::string(2'000'000, '\x7f')), HasSubstr("not definite"));
  const CborLimits limits{.bytes = 8, .depth = 2};
  EXPECT_TRUE(parse_cbor("\x81\x81\x01", limits));
  EXPECT_FALSE(parse_cbor("\x81\x81\x81\x01", limits));
  EXPECT_FALSE(parse_cbor("\x68"s + "12345678", limits));
}

}  // namespace
}  // namespace stayd
