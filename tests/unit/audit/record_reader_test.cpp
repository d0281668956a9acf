// SPDX-License-Identifier: Apache-2.0
#include "audit/record_reader.h"

#include <gmock/gmock.h>

#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using audit::ReadLine;
using audit::RecordReader;
using testing::ElementsAre;

class Reading : public RecordFile {
 protected:
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(dir_ + "/" + name) << bytes;
  }
  // "NAME:LINE text", with "+" for what continues and "~" for what is not ended.
  std::vector<std::string> read(const RecordReader& reader) const {
    std::vector<std::string> lines;
    EXPECT_TRUE(reader.read([&](const ReadLine& line) {
      lines.push_back(std::filesystem::path(line.file).filename().string() + ":" +
                      std::to_string(line.number) + " " + (line.continues ? "+" : "") +
                      std::string(line.text.substr(0, 10)) + (line.ended ? "" : "~"));
      return true;
    }));
    return lines;
  }
};

TEST_F(Reading, LinesComeOneByOneAndSayHowTheyEnd) {
  write("a", "one\n\ntwo");
  EXPECT_THAT(read(*RecordReader::open({dir_ + "/a"})), ElementsAre("a:1 one", "a:2 ", "a:3 two~"));
}

TEST_F(Reading, WhatIsLongerThanAnyLineComesInParts) {
  write("a", std::string(audit::kMaxLine * 2 + 10, 'x') + "\nend\n");
  const std::vector<std::string> lines = read(*RecordReader::open({dir_ + "/a"}));
  EXPECT_EQ(lines.front(), "a:1 xxxxxxxxxx~");
  EXPECT_EQ(lines[lines.size() - 2], "a:1 +xxxxxxxxxx");
  EXPECT_EQ(lines.back(), "a:2 end");
}

TEST_F(Reading, FilesComeInTheOrderOfTheirNumbers) {
  options_.rotate_bytes = 1000;
  Record record = open();
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_TRUE(record.close());
  const auto rotated = *audit::rotated_files(options_.path);
  std::vector<std::string> names = {options_.path};
  for (const audit::RotatedFile& file : rotated) names.insert(names.begin() + 1, file.path);
  const std::vector<std::string> sorted = RecordReader::open(names)->files();
  EXPECT_EQ(sorted.back(), options_.path);
  EXPECT_EQ(sorted.front(), rotated.front().path);
  EXPECT_EQ(RecordReader::open_all(options_.path)->files(), sorted);
  EXPECT_FALSE(RecordReader::open_all(dir_ + "/other.jsonl"));
  EXPECT_FALSE(RecordReader::open({dir_ + "/missing"}));
}

TEST_F(Reading, EndsWhenItIsTold) {
  write("a", "one\ntwo\n");
  int count = 0;
  EXPECT_TRUE(RecordReader::open({dir_ + "/a"})->read([&](const ReadLine&) {
    ++count;
    return false;
  }));
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace stayd
