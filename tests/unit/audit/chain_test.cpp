// SPDX-License-Identifier: Apache-2.0
#include "audit/chain.h"

#include <gtest/gtest.h>

#include "audit/tail.h"
#include "unit/audit/chain_builder.h"

namespace stayd {
namespace {

using namespace test;
using audit::find_tail;
using audit::Head;
using audit::Line;
using audit::parse_line;
using audit::Tail;

// Fixed for good: what was written once has to verify for as long as it is kept.
constexpr const char* kFirst =
    R"({"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("time":"2023-11-14T22:13:20.000Z","event":"started","enforcement":"lsm"})";
constexpr const char* kFirstHash =
    "12e62eb3ef607bcd04d45ebbba3c43290a8cbf242778081065a6a2ab727dbca2";

TEST(Chain, TheFormatIsTheOneThatIsWrittenDown) {
  ChainBuilder chain;
  chain.add({{"event", "started"}, {"enforcement", "lsm"}});
  EXPECT_EQ(chain.lines()[0], kFirst);
  EXPECT_EQ(chain.head(), (Head{1, kFirstHash}));
  EXPECT_EQ(sha256_hex(std::string("stayd record line 1\n") + kFirst), kFirstHash);
}

TEST(Chain, WhatIsWrittenCanBeRead) {
  ChainBuilder chain;
  chain.add({{"event", "a_1"}});
  chain.add({{"event", "b"}, {"x", {{"deep", "\"}"}}}});
  const Result<Line> line = parse_line(chain.lines()[1]);
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->number, 2u);
  EXPECT_EQ(line->previous, audit::hash_of(chain.lines()[0]));
  EXPECT_EQ(line->event, "b");
  EXPECT_EQ(line->time, "2023-11-14T22:13:20.000Z");
}

TEST(Chain, ALineIsWrittenInOneWayOnly) {
  const std::string good = kFirst;
  ASSERT_TRUE(parse_line(good));
  const auto with = [&](const std::string& what, const std::string& by) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), by);
  };
  for (const std::string& bad :
       {std::string(), with("\"seq\":1", "\"seq\":01"), with("\"seq\":1", "\"seq\":0"),
        with("\"seq\":1", "\"seq\":-1"), with("\"seq\":1", "\"seq\":1.0"),
        with("\"seq\":1", "\"seq\":9007199254740992"),
        with("\"seq\":1", "\"seq\":99999999999999999999"), with("{\"seq\"", "{ \"seq\""),
        with("000\",", "00A\","), with("000\",", "00\","), with("started", "Started"),
        with("started", ""), with("\"lsm\"}", "\"lsm\"} "), with("\"lsm\"}", "\"lsm\"}}"),
        with("\"lsm\"}", "\"lsm\""), with("lsm", "\xff"), with("lsm", "l\nm"),
        good + std::string(audit::kMaxLine, ' ')})
    EXPECT_FALSE(parse_line(bad)) << bad.substr(0, 300);
}

TEST(Tail, IsTheLastLineWhateverComesBehindIt) {
  ChainBuilder chain;
  chain.open();
  const std::string whole = text_of(chain.lines());
  for (const std::string torn : {"", "{", "\n", "x\ny\n", "{\"seq\":4,\"prev"}) {
    const std::optional<Tail> tail = find_tail(whole + torn, true);
    ASSERT_TRUE(tail);
    EXPECT_EQ(tail->head, chain.head());
    EXPECT_EQ(tail->torn, torn.size());
    EXPECT_TRUE(tail->ended);
  }
  const std::optional<Tail> unended = find_tail(whole.substr(0, whole.size() - 1), true);
  EXPECT_EQ(unended->head, chain.head());
  EXPECT_FALSE(unended->ended);
  EXPECT_EQ(find_tail("no\nlines", true)->torn, 8u);
  EXPECT_EQ(find_tail("", true)->head, std::nullopt);
}

TEST(Tail, AsksForMoreOfTheFileUntilItHasALine) {
  ChainBuilder chain;
  chain.open();
  const std::string whole = text_of(chain.lines());
  const std::size_t last = chain.lines().back().size() + 1;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::optional<Tail> tail = find_tail(whole.substr(whole.size() - size), false);
    // Its beginning is known by the newline before it.
    ASSERT_EQ(tail.has_value(), size > last) << size;
    if (tail) {
      ASSERT_EQ(tail->head, chain.head());
    }
  }
}

}  // namespace
}  // namespace stayd
