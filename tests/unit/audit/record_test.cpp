// SPDX-License-Identifier: Apache-2.0
#include "audit/record.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace stayd {
namespace {

using nlohmann::json;

class RecordFile : public ::testing::Test {
 protected:
  RecordFile() {
    std::string name = ::testing::TempDir() + "stayd-record-XXXXXX";
    dir_ = ::mkdtemp(name.data());
    path_ = dir_ + "/record.jsonl";
  }
  ~RecordFile() override { std::filesystem::remove_all(dir_); }

  std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string dir_;
  std::string path_;
};

// Files of this process end at `bytes` while it lives, as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(RecordFile, EventsAreLinesThatOutliveTheirWriter) {
  for (int round = 0; round < 2; ++round) {
    auto record = Record::open(path_);
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_TRUE(record->append(json{{"event", "a"}}));
    EXPECT_TRUE(record->append(json{{"text", "two\nlines\xff"}}));
  }
  const std::string once = "{\"event\":\"a\"}\n{\"text\":\"two\\nlines\xef\xbf\xbd\"}\n";
  EXPECT_EQ(text(), once + once);
}

TEST_F(RecordFile, IsForItsOwnerOnly) {
  std::ofstream(path_).close();
  ::chmod(path_.c_str(), 0666);
  const auto record = Record::open(path_);
  ASSERT_TRUE(record);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(RecordFile, RefusesWhatIsNotAFile) {
  EXPECT_FALSE(Record::open(dir_));
  EXPECT_FALSE(Record::open(dir_ + "/missing/record"));
  std::filesystem::create_symlink("/dev/null", dir_ + "/link");
  EXPECT_FALSE(Record::open(dir_ + "/link"));
  ASSERT_EQ(::mkfifo((dir_ + "/fifo").c_str(), 0600), 0);
  const auto fifo = Record::open(dir_ + "/fifo");
  ASSERT_FALSE(fifo);
  EXPECT_EQ(fifo.error().message, "record " + dir_ + "/fifo is not a regular file");
}

TEST_F(RecordFile, AHalfWrittenLineIsReportedAndEndedBeforeTheNext) {
  auto record = Record::open(path_);
  ASSERT_TRUE(record);
  {
    const SmallDisk disk(10);
    const auto cut = record->append(json{{"event", "cut short"}});
    ASSERT_FALSE(cut);
    EXPECT_NE(cut.error().message.find("only 10 of 22 bytes"), std::string::npos)
        << cut.error().message;
    const auto none = record->append(json{{"event", "lost"}});
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("File too large"), std::string::npos);
  }
  EXPECT_TRUE(record->append(json{{"event", "b"}}));
  EXPECT_TRUE(record->append(json{{"event", "c"}}));
  EXPECT_EQ(text(), "{\"event\":\"\n{\"event\":\"b\"}\n{\"event\":\"c\"}\n");
}

TEST_F(RecordFile, ALineTornByACrashIsEndedFirst) {
  std::ofstream(path_) << "{\"event\":\"to";
  auto record = Record::open(path_);
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->append(json{{"event", "b"}}));
  EXPECT_EQ(text(), "{\"event\":\"to\n{\"event\":\"b\"}\n");
}

}  // namespace
}  // namespace stayd
