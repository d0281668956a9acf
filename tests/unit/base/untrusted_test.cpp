// SPDX-License-Identifier: Apache-2.0
#include "base/untrusted.h"

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace stayd {
namespace {

// What must not compile does not: each of these fails as soon as somebody adds the conversion.

template <class Type>
concept IsPrinted = requires(std::ostream& out, const Type& value) {
  out << value;
};
template <class Type>
concept IsAddedToAString = requires(std::string text, const Type& value) {
  text + value;
};
template <class Type>
concept IsAddedToShown = requires(Shown text, const Type& value) {
  text += value;
};

static_assert(IsPrinted<std::string> && IsAddedToAString<std::string>, "the checks can be true");
static_assert(IsAddedToShown<Escaped> && IsAddedToShown<Literal> && IsAddedToShown<Shown>);

static_assert(!std::is_convertible_v<Untrusted, std::string>);
static_assert(!std::is_constructible_v<std::string, Untrusted>);
static_assert(!std::is_convertible_v<Untrusted, std::string_view>);
static_assert(!std::is_constructible_v<std::string_view, Untrusted>);
static_assert(!std::is_constructible_v<nlohmann::json, Untrusted>);
static_assert(!IsPrinted<Untrusted>);
static_assert(!IsAddedToAString<Untrusted>);
static_assert(!fmt::is_formattable<Untrusted>::value);
static_assert(!std::is_convertible_v<std::string, Untrusted>,
              "a string is taken for one on purpose");

static_assert(!std::is_constructible_v<Escaped, std::string>);
static_assert(!std::is_constructible_v<Escaped, std::string_view>);
static_assert(!std::is_constructible_v<Escaped, const char*>);
static_assert(!std::is_constructible_v<Escaped, Untrusted>);
static_assert(!std::is_assignable_v<Escaped&, std::string>);

static_assert(!std::is_constructible_v<Literal, std::string>);
static_assert(!std::is_constructible_v<Literal, std::string_view>);
static_assert(!std::is_constructible_v<Literal, const char*>);

static_assert(!std::is_constructible_v<Shown, std::string>);
static_assert(!std::is_constructible_v<Shown, std::string_view>);
static_assert(!std::is_constructible_v<Shown, const char*>);
static_assert(!std::is_constructible_v<Shown, Untrusted>);
static_assert(!IsAddedToShown<std::string>);
static_assert(!IsAddedToShown<std::string_view>);
static_assert(!IsAddedToShown<const char*>);
static_assert(!IsAddedToShown<char>);
static_assert(!IsAddedToShown<Untrusted>);

Escaped escaped(std::string bytes) { return escape(Untrusted(std::move(bytes))); }
Escaped escaped_once(std::string text) { return escape_once(Untrusted(std::move(text))); }

TEST(Shown, IsMadeOfOurTextAndOfEscapedBytes) {
  Shown text = "uid " + number(7) + " (" + escaped("a\x1b") + ")";
  text += ", gone";
  EXPECT_EQ(text.str(), "uid 7 (a\\x1b), gone");
  EXPECT_TRUE(Shown().empty());
}

TEST(EscapeOnce, TakesWhatTheEscaperMadeAsItIs) {
  const std::string texts[] = {"/srv/a b",
                               "\xe2\x80\xae\n\\ \xff",
                               " both ends ",
                               "{{x}}",
                               "",
                               std::string(1000, 'x'),
                               std::string(1000, '\\') + "{{",
                               std::string(400, ' ')};
  for (const std::string& bytes : texts) {
    for (const std::size_t max : {64u, 100u, 512u}) {
      const std::string once = escape(bytes, max);
      EXPECT_EQ(escaped_once(once).str(), once);
    }
  }
}

TEST(EscapeOnce, EscapesWhatNobodyHasEscaped) {
  for (const char* raw : {"a\nb", "\x1b[2J", "\xff", "a\\b", "\\", "\\q", "{{DATE}}", " x", "x ",
                          "a  b", "\\[5 bytes left out", "\\[x bytes left out]",
                          "\\[ bytes left out]", "\\[1 bytes left out]\x9b"}) {
    EXPECT_EQ(escaped_once(raw).str(), escape(std::string_view(raw))) << raw;
    EXPECT_NE(escaped_once(raw).str(), raw);
  }
}

TEST(EscapeOnce, BoundsWhatIsTooLong) {
  EXPECT_LE(escape_once(Untrusted(std::string(1000, 'x')), 100).str().size(), 100u);
}

TEST(Argument, IsQuotedSoThatDifferentListsReadDifferently) {
  EXPECT_EQ(as_argument(escaped("a\" \"b")).str(), "\"a\\\" \\\"b\"");
  EXPECT_EQ(as_argument(escaped("plain-1.2")).str(), "plain-1.2");
  EXPECT_EQ(as_argument(escaped("")).str(), "\"\"");
}

TEST(BaseName, IsWhatFollowsTheLastSlash) {
  EXPECT_EQ(base_name(escaped("/usr/bin/git")).str(), "git");
  EXPECT_EQ(base_name(escaped("git")).str(), "git");
  EXPECT_EQ(base_name(escaped("/")).str(), "");
}

}  // namespace
}  // namespace stayd
