// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <wordexp.h>

#include <fstream>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "audit/redactor.h"
#include "base/escape.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::string_view kBegin = "\u00ab";
constexpr std::string_view kEnd = "\u00bb";
constexpr std::string_view kNewline = "\u2424";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// A line of the corpus without the signs around its secrets.
std::string without_signs(const std::string& line) {
  return replaced(replaced(line, kBegin, ""), kEnd, "");
}

// The line with each secret as "[7 bytes]".
std::string expected_of(const std::string& line) {
  std::string result;
  std::size_t at = 0;
  for (std::size_t begin = line.find(kBegin); begin != line.npos; begin = line.find(kBegin, at)) {
    const std::size_t secret = begin + kBegin.size();
    const std::size_t end = line.find(kEnd, secret);
    result += line.substr(at, begin - at) + "[" + std::to_string(end - secret) + " bytes]";
    at = end + kEnd.size();
  }
  return result + line.substr(at);
}

std::string shortened(const std::string& redacted) {
  static const std::regex mark(R"re(\[redacted ([0-9]+ bytes) sha256:[0-9a-f]{8}\])re");
  return std::regex_replace(redacted, mark, "[$1]");
}

// The arguments that a shell makes of the line; nothing if it makes more of it than that.
std::optional<std::vector<std::string>> arguments_of(const std::string& line) {
  wordexp_t words{};
  const int failed = ::wordexp(line.c_str(), &words, WRDE_NOCMD | WRDE_UNDEF);
  if (failed == WRDE_NOSPACE || failed == 0) {
    std::vector<std::string> result(words.we_wordv, words.we_wordv + words.we_wordc);
    ::wordfree(&words);
    if (failed == 0) return result;
  }
  return std::nullopt;
}

std::vector<std::string> corpus() {
  std::ifstream file(STAYD_REDACTION_CORPUS);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(replaced(line, kNewline, "\n"));
  return lines;
}

bool is_negative(const std::string& line) { return line.find(kBegin) == line.npos; }

std::string recorded(const audit::Redactor& redactor, const json& arguments) {
  std::string text;
  const audit::Redacted event = redactor.apply({{"event", "e"}, {"arguments", arguments}});
  for (const json& each : event.value()["arguments"]) text += each.get<std::string>() + "\n";
  return text;
}

TEST(RedactionCorpus, TakesTheSecretsOutOfCommandLinesAndNothingElse) {
  const audit::Redactor redactor = *audit::Redactor::create({}, "key");
  for (const std::string& line : corpus())
    EXPECT_EQ(shortened(redactor.redact(without_signs(line))), expected_of(line));
}

TEST(RedactionCorpus, TakesTheSecretsOutOfArgumentsAndNothingElse) {
  const audit::Redactor redactor = *audit::Redactor::create({}, "key");
  std::size_t count = 0;
  for (const std::string& line : corpus()) {
    const std::optional<std::vector<std::string>> arguments = arguments_of(line);
    if (!arguments || arguments->size() < 2) continue;
    ++count;
    json list = json::array();
    std::string expected;
    for (const std::string& each : *arguments) {
      list.push_back(escape(without_signs(each), kUnbounded));
      expected += escape(expected_of(each), kUnbounded) + "\n";
    }
    EXPECT_EQ(shortened(recorded(redactor, list)), expected) << line;
  }
  EXPECT_GE(count, 250U);
}

TEST(RedactionCorpus, IsLargeAndHasManyLinesWithoutSecrets) {
  const std::vector<std::string> lines = corpus();
  EXPECT_GE(lines.size(), 300U);
  EXPECT_GE(std::ranges::count_if(lines, is_negative), 100);
}

}  // namespace
}  // namespace stayd
