// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <utime.h>

#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using namespace std::chrono_literals;
using audit::count_to_remove;
using audit::RotatedFile;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class Rotation : public RecordFile {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const RotatedFile& file : *audit::rotated_files(options_.path))
      names.push_back(std::filesystem::path(file.path).filename());
    return names;
  }
  static TimePoint later_than_files() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now()) +
           1h;
  }
  void age(const std::string& name, TimePoint time) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const utimbuf times{seconds, seconds};
    ::utime((dir_ + "/" + name).c_str(), &times);
  }
};

TEST_F(Rotation, ALargeFileIsClosedWithASignatureAndTheNextNamesItsLastHash) {
  options_.rotate_bytes = 1000;
  Record record = open();
  while (files().empty()) EXPECT_TRUE(record.append(event()));
  EXPECT_THAT(files(), ElementsAre("record-000000000001.jsonl"));
  const std::string before = text(dir_ + "/" + files()[0]);
  const std::size_t last = before.rfind('\n', before.size() - 2) + 1;
  EXPECT_THAT(before.substr(last), HasSubstr("\"event\":\"signature\""));
  EXPECT_EQ(lines()[0]["event"], "record_begin");
  EXPECT_EQ(lines()[0]["file_before"], files()[0]);
  EXPECT_EQ(lines()[0]["prev"], audit::hash_of(before.substr(last, before.size() - last - 1)));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_GT(files().size(), 4u);
  EXPECT_TRUE(record.close());
  const audit::Verification found = verify_files();
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_EQ(found.proven.size(), 1u);
}

TEST_F(Rotation, AnOldFileIsRotatedOnceSomethingIsWritten) {
  options_.rotate_every = 24h;
  {
    Record record = open();
    EXPECT_TRUE(record.append(event()));
  }
  now_ += 23h;
  Record record = open();
  EXPECT_TRUE(record.append(event()));
  EXPECT_TRUE(files().empty());
  now_ += 1h;
  EXPECT_TRUE(record.tick());
  EXPECT_TRUE(files().empty());
  EXPECT_TRUE(record.append(event()));
  EXPECT_EQ(files().size(), 1u);
  EXPECT_TRUE(record.close());
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
}

TEST_F(Rotation, StoppedBetweenTwoFilesTheRecordGoesOn) {
  options_.rotate_bytes = 1000;
  {
    Record record = open();
    while (files().empty()) EXPECT_TRUE(record.append(event()));
  }
  for (const char* begin : {"", "{\"seq\":"}) {
    std::filesystem::remove(options_.path);
    if (*begin != '\0') std::ofstream(options_.path) << begin;
    {
      Record record = open();
      EXPECT_TRUE(record.append(event()));
      EXPECT_TRUE(record.close());
    }
    EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
  }
}

TEST_F(Rotation, AFileThatIsMissingIsNamedByItsNumbers) {
  options_.rotate_bytes = 1000;
  Record record = open();
  while (files().size() < 3) EXPECT_TRUE(record.append(event()));
  EXPECT_TRUE(record.close());
  std::filesystem::remove(dir_ + "/" + files()[1]);
  const audit::Verification found = verify_files();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.file, files()[1]);
  EXPECT_THAT(found.problems[0].what, HasSubstr("are missing between number "));
}

TEST_F(Rotation, WhatCannotBeRotatedGoesOnAndSaysSo) {
  options_.rotate_bytes = 1000;
  std::ofstream(dir_ + "/record-000000000001.jsonl").close();
  // With something of the name there, that nobody may overwrite.
  Record record = open();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_THAT(record.status()["trouble"].get<std::string>(), HasSubstr("is there already"));
  EXPECT_EQ(std::ranges::count(events(), "record_repaired"), 1);
  EXPECT_TRUE(record.close());
  EXPECT_THAT(text(), HasSubstr("the record continues in the same file"));
}

TEST_F(Rotation, RetentionRemovesWholeFilesAndSaysUpToWhere) {
  now_ = later_than_files();
  options_.rotate_bytes = 1000;
  options_.keep.bytes = 3000;
  Record record = open();
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_LE(files().size(), 4u);
  EXPECT_NE(files()[0], "record-000000000001.jsonl");
  EXPECT_TRUE(record.close());
  const audit::Verification found = verify_files();
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_GT(found.first, 1u);
  EXPECT_THAT(findings(found), HasSubstr("retention removed what came before"));
  // One more, and nobody said so.
  std::filesystem::remove(dir_ + "/" + files()[0]);
  EXPECT_THAT(findings(verify_files()), HasSubstr("no line of it says that numbers 1 to"));
}

TEST_F(Rotation, NothingYoungGoesBecauseOfItsSize) {
  options_.rotate_bytes = 1000;
  options_.keep = {.bytes = 3000, .at_most = 0s, .at_least = 24h};
  now_ = later_than_files();
  Record record = open();
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_EQ(files()[0], "record-000000000001.jsonl");
  age(files()[0], now_ - 25h);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_NE(files()[0], "record-000000000001.jsonl");
}

TEST(Retention, GoesByAgeAndSizeAndNeverTakesMoreThanTwoFiles) {
  const std::vector<RotatedFile> files = {{"a", 1, 100, kNoon - 96h},
                                          {"b", 9, 100, kNoon - 72h},
                                          {"c", 20, 100, kNoon - 48h},
                                          {"d", 30, 100, kNoon - 1h}};
  const auto remove = [&](audit::Retention keep) {
    return count_to_remove(files, 50, keep, kNoon);
  };
  EXPECT_EQ(remove({.bytes = 0, .at_most = 0s, .at_least = 0s}), 0u);
  EXPECT_EQ(remove({.bytes = 450, .at_most = 0s, .at_least = 0s}), 0u);
  EXPECT_EQ(remove({.bytes = 449, .at_most = 0s, .at_least = 0s}), 1u);
  EXPECT_EQ(remove({.bytes = 1, .at_most = 0s, .at_least = 0s}), 2u);
  EXPECT_EQ(remove({.bytes = 1, .at_most = 0s, .at_least = 80h}), 1u);
  EXPECT_EQ(remove({.bytes = 0, .at_most = 80h, .at_least = 0s}), 1u);
  EXPECT_EQ(remove({.bytes = 0, .at_most = 1h, .at_least = 0s}), 2u);
  // A clock that is ten years ahead.
  EXPECT_EQ(count_to_remove(files, 50, {.bytes = 0, .at_most = 1h, .at_least = 0s}, kNoon + 87600h),
            2u);
}

TEST(RecordFiles, OnlyWhatIsNamedAsRotatedIsFoundOldestFirst) {
  std::string name = ::testing::TempDir() + "stayd-files-XXXXXX";
  const std::string dir = ::mkdtemp(name.data());
  for (const char* file : {"record-000000000010.jsonl", "record-2.jsonl", "record-x.jsonl",
                           "record-0.jsonl", "other-1.jsonl", "record-3.json", "record-.jsonl"})
    std::ofstream(dir + "/" + file).close();
  const auto files = *audit::rotated_files(dir + "/record.jsonl");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].first, 2u);
  EXPECT_EQ(files[1].first, 10u);
  EXPECT_TRUE(audit::rotated_files(dir + "/missing/record.jsonl")->empty());
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace stayd
