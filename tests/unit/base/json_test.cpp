// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace stayd {
namespace {

using nlohmann::json;

TEST(Json, WhatIsDumpedParsesToTheSame) {
  const json value = {{"a", {1, 2, "three"}}, {"b", nullptr}};
  EXPECT_EQ(*parse_json(dump(value)), value);
}

TEST(Json, BytesThatAreNotUtf8DoNotStopADump) {
  EXPECT_EQ(dump(json{{"k", "a\xff"}}), "{\"k\":\"a\xef\xbf\xbd\"}");
}

TEST(Json, AMistakeIsReportedWithLineAndColumnButNotRepeated) {
  const auto result = parse_json("{\n  \"a\": \x1b[31m}");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "not valid JSON at 2:8");
}

TEST(Json, EmptyAndTruncatedTextsAreErrors) {
  for (const char* text : {"", "  ", "{", "[1,", "\"a", "{}x", "nul"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(32)));
  const auto result = parse_json(nested(33));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "JSON is nested deeper than 32 levels");
  EXPECT_FALSE(parse_json(std::string(1000000, '[')));
}

TEST(Json, BracketsWithinStringsAreNotNesting) {
  EXPECT_TRUE(parse_json("[\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\"]"));
}

TEST(Json, SizeIsBounded) {
  EXPECT_TRUE(parse_json("[1,2]", {.bytes = 5, .depth = 1}));
  EXPECT_FALSE(parse_json("[1, 2]", {.bytes = 5, .depth = 1}));
}

TEST(Json, MembersOfOneNameAreRefusedWhereThatIsAsked) {
  constexpr const char* kTexts[] = {R"({"a":1,"a":2})", R"({"a":1,"b":{},"a":1})",
                                    R"([{"x":{"a":1,"\u0061":2}}])"};
  for (const char* text : kTexts) {
    EXPECT_TRUE(parse_json(text)) << text;
    EXPECT_FALSE(parse_json(text, {.duplicate_members = false})) << text;
  }
  EXPECT_TRUE(
      parse_json(R"([{"a":1},{"a":{"a":1}},{"b":[{"a":1}]}])", {.duplicate_members = false}));
}

TEST(Json, AMemberOfAnotherTypeReadsLikeAMissingOne) {
  const nlohmann::json odd[] = {
      nullptr,   1, "x", nlohmann::json::array({1}), {{"a", nullptr}}, {{"a", {{"b", 1}}}},
      {{"b", 1}}};
  for (const nlohmann::json& value : odd) {
    EXPECT_EQ(text_at(value, "a"), "");
    EXPECT_EQ(number_at(value, "a"), 0);
    EXPECT_EQ(count_at(value, "a"), 0u);
    EXPECT_FALSE(flag_at(value, "a"));
    EXPECT_TRUE(list_at(value, "a").is_array());
    EXPECT_TRUE(list_at(value, "a").empty());
    EXPECT_TRUE(texts_at(value, "a").empty());
  }
  EXPECT_TRUE(member_at(odd[6], "a").is_null());
  EXPECT_EQ(any_text_at(odd[4], "a"), "");
  EXPECT_EQ(any_text_at(odd[5], "a"), "{\"b\":1}");
}

TEST(Json, MembersAreReadByTheirType) {
  const nlohmann::json value = {
      {"text", "abc"}, {"number", -7}, {"count", 7}, {"flag", true}, {"list", {"a", 1, "b"}}};
  EXPECT_EQ(text_at(value, "text"), "abc");
  EXPECT_EQ(text_at(value, "text", 3), "abc");
  EXPECT_EQ(text_at(value, "text", 2), "");
  EXPECT_EQ(any_text_at(value, "text"), "abc");
  EXPECT_EQ(any_text_at(value, "count"), "7");
  EXPECT_EQ(number_at(value, "number"), -7);
  EXPECT_EQ(count_at(value, "number"), 0u);
  EXPECT_EQ(count_at(value, "count"), 7u);
  EXPECT_TRUE(flag_at(value, "flag"));
  EXPECT_EQ(texts_at(value, "list"), (std::vector<std::string>{"a", "b"}));
}

TEST(Json, ANumberOutOfRangeIsAnError) { EXPECT_FALSE(parse_json("[1e999]")); }

}  // namespace
}  // namespace stayd
