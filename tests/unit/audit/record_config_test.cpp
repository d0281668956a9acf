// SPDX-License-Identifier: Apache-2.0
#include "audit/record_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stayd {
namespace {

using namespace std::chrono_literals;
using audit::load_record_options;
using audit::parse_record_options;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RecordConfig, SetsWhatItNamesAndLeavesTheRest) {
  const Result<RecordOptions> options = parse_record_options(R"yaml(
sign: { lines: 10, every: 30s }
rotate: { size: 1GiB }
keep: { size: 0, at_most: 400d }
redact: ["employee ([0-9]+)", other]
)yaml",
                                                             "record.yaml");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->sign_lines, 10u);
  EXPECT_EQ(options->sign_every, 30s);
  EXPECT_EQ(options->rotate_bytes, 1u << 30);
  EXPECT_EQ(options->rotate_every, RecordOptions{}.rotate_every);
  EXPECT_EQ(options->keep.bytes, 0u);
  EXPECT_EQ(options->keep.at_most, 400 * 24h);
  EXPECT_EQ(options->keep.at_least, audit::Retention{}.at_least);
  EXPECT_THAT(options->redact, ElementsAre("employee ([0-9]+)", "other"));
}

TEST(RecordConfig, AFileThatIsNotThereOrEmptyIsTheUsual) {
  EXPECT_EQ(load_record_options("/nonexistent/record.yaml")->sign_lines,
            RecordOptions{}.sign_lines);
  EXPECT_TRUE(parse_record_options("# nothing\n", "x"));
  EXPECT_FALSE(load_record_options("/"));
}

TEST(RecordConfig, EveryMistakeIsToldWithItsPlace) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"sgin: {}", "r:1:1: unknown key 'sgin'; did you mean 'sign'?"},
      {"sign: 5", "r:1:7: sign must be a map; write 'lines: ...'"},
      {"sign: {lines: 0}", "r:1:15: 'lines' is not a number of at least 1; write one such as 10"},
      {"sign: {every: 5}", "r:1:15: 'every' is not an amount of at least 1; write one such as 10d"},
      {"rotate: {size: 64MB}", "r:1:16: 'size' is not an amount of at least 1"},
      {"rotate: {every: 1s}", "of at least 60"},
      {"rotate: {size: 99999999999999999999KiB}", "'size' is not an amount"},
      {"redact: x", "r:1:9: 'redact' must be a list"},
      {"redact: [\"(\"]", "r:1:10: redact: '(' is not a regular expression"},
  };
  for (const auto& [text, complaint] : mistakes) {
    const Result<RecordOptions> options = parse_record_options(text, "r");
    ASSERT_FALSE(options) << text;
    EXPECT_THAT(options.error().message, HasSubstr(complaint)) << text;
  }
}

}  // namespace
}  // namespace stayd
