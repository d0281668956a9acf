// SPDX-License-Identifier: Apache-2.0
#include "audit/record.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

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

TEST_F(RecordFile, ARecordBeginsGoesOnAndEndsWithASignature) {
  {
    Record record = open();
    EXPECT_TRUE(record.append(event()));
    EXPECT_TRUE(record.append(event(), Durable::yes));
    EXPECT_TRUE(record.close());
    EXPECT_FALSE(record.append(event()));
  }
  {
    Record record = open();
    EXPECT_TRUE(record.append(event()));
    EXPECT_TRUE(record.close());
  }
  EXPECT_THAT(events(), ElementsAre("record_begin", "record_opened", "signature", "operation",
                                    "operation", "record_closed", "signature", "record_opened",
                                    "signature", "operation", "record_closed", "signature"));
  const audit::Verification found = verify_files();
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_THAT(found.proven, ElementsAre(audit::Range{1, 12}));
  EXPECT_TRUE(found.closed);
}

TEST_F(RecordFile, EachLineIsJsonWithItsNumberAndTheHashOfTheOneBefore) {
  Record record = open();
  EXPECT_TRUE(record.append({{"event", "a"}, {"time", "now"}, {"text", "two\nlines\xff"}}));
  const std::vector<json> all = lines();
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i]["seq"], i + 1);
  EXPECT_EQ(all[3]["text"], "two\nlines\xef\xbf\xbd");
  EXPECT_EQ(record.head().number, 4u);
  const std::string whole = text();
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  EXPECT_EQ(record.head().hash, audit::hash_of(whole.substr(last, whole.size() - last - 1)));
}

TEST_F(RecordFile, SignsAfterSoManyLinesAndAfterSoLong) {
  options_.sign_lines = 3;
  options_.sign_every = 60s;
  Record record = open();
  EXPECT_EQ(record.next_tick(), std::nullopt);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_EQ(events()[6], "signature");
  EXPECT_EQ(record.next_tick(), now_ + 60s);
  now_ += 59s;
  EXPECT_TRUE(record.tick());
  EXPECT_EQ(events().back(), "operation");
  now_ += 1s;
  EXPECT_TRUE(record.tick());
  EXPECT_EQ(events().back(), "signature");
  EXPECT_EQ(record.next_tick(), std::nullopt);
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
}

TEST_F(RecordFile, AClockThatJumpsChangesNothingButTimes) {
  options_.sign_every = 60s;
  Record record = open();
  for (const auto jump : {9h, -20h, 1h, -1h}) {
    EXPECT_TRUE(record.append(event()));
    now_ += jump;
    // Backwards counts as late: nothing stays unsigned until the clock has caught up.
    EXPECT_TRUE(record.tick());
    EXPECT_EQ(events().back(), "signature");
  }
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
  EXPECT_THAT(findings(verify_files()), HasSubstr("times go back here"));
}

TEST_F(RecordFile, IsForItsOwnerOnly) {
  std::ofstream(options_.path).close();
  ::chmod(options_.path.c_str(), 0666);
  open();
  struct stat status {};
  ASSERT_EQ(::stat(options_.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(RecordFile, RefusesWhatIsNoRecord) {
  const auto error = [this](const std::string& path) {
    RecordOptions options = options_;
    options.path = path;
    const Result<Record> record = Record::open(options);
    return record ? "none" : record.error().message;
  };
  EXPECT_NE(error(dir_), "none");
  EXPECT_NE(error(dir_ + "/missing/record"), "none");
  std::filesystem::create_symlink("/dev/null", dir_ + "/link");
  EXPECT_NE(error(dir_ + "/link"), "none");
  ASSERT_EQ(::mkfifo((dir_ + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(error(dir_ + "/fifo"), "record " + dir_ + "/fifo is not a regular file");
  std::ofstream(dir_ + "/old") << "{\"event\":\"started\"}\n";
  EXPECT_THAT(error(dir_ + "/old"), HasSubstr("as an earlier stayd wrote them: move it away"));
}

TEST_F(RecordFile, ASecondWriterIsLockedOut) {
  const Record record = open();
  const Result<Record> second = Record::open(options_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("is written by another process"));
}

TEST_F(RecordFile, ALineThatFailedIsMarkedAndTheChainGoesOn) {
  Record record = open();
  EXPECT_TRUE(record.append(event(1)));
  {
    const SmallDisk disk(text().size() + 10);
    const Result<> cut = record.append(event(2));
    ASSERT_FALSE(cut);
    EXPECT_THAT(cut.error().message, HasSubstr("only 10 of"));
    const Result<> none = record.append(event(3));
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("File too large"));
  }
  EXPECT_TRUE(record.append(event(4)));
  EXPECT_THAT(events(), ElementsAre("record_begin", "record_opened", "signature", "operation",
                                    "record_repaired", "operation"));
  EXPECT_THAT(text(), HasSubstr("\n{\"seq\":5,\"#torn\n{\"seq\":5,"));
  EXPECT_TRUE(record.close());
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
  EXPECT_THAT(findings(verify_files()), HasSubstr("16 bytes were cut short in writing"));
}

// All but the newline was written, and the caller was told that it failed.
TEST_F(RecordFile, ALineThatFailedIsNoneEvenIfOnlyItsNewlineIsMissing) {
  Record record = open();
  EXPECT_TRUE(record.append(event(1)));
  const std::size_t before = text().size();
  EXPECT_TRUE(record.append(event(2)));
  const std::size_t size = text().size() - before;
  {
    const SmallDisk disk(text().size() + size - 1);
    EXPECT_FALSE(record.append(event(3)));
  }
  EXPECT_TRUE(record.append(event(4)));
  for (const json& line : lines()) EXPECT_NE(line.value("i", 0), 3);
  EXPECT_TRUE(verify_files().problems.empty()) << findings(verify_files());
}

TEST_F(RecordFile, EveryPlaceWhereAWriterCanBeStoppedIsRepaired) {
  {
    Record record = open();
    EXPECT_TRUE(record.append(event(1)));
    EXPECT_TRUE(record.append(event(2)));
  }
  const std::string whole = text();
  const std::size_t last = whole.rfind('\n', whole.size() - 2);
  // Every byte of the last line, and around each end of those before.
  const auto counts = [&](std::size_t size) {
    return size >= last || size % 97 == 0 || whole[size] == '\n' || whole[size - 1] == '\n';
  };
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    if (!counts(size)) continue;
    std::ofstream(options_.path, std::ios::trunc) << whole.substr(0, size);
    {
      Record record = open();
      EXPECT_TRUE(record.append(event(9)));
      EXPECT_TRUE(record.close());
    }
    const audit::Verification found = verify_files();
    ASSERT_TRUE(found.intact()) << size << "\n" << text() << findings(found);
    ASSERT_EQ(found.proven.size(), 1u);
    ASSERT_TRUE(text().starts_with(whole.substr(0, size))) << "nothing that was there is gone";
    const bool torn = size != 0 && whole[size - 1] != '\n';
    const std::vector<std::string> names = events();
    ASSERT_EQ(std::ranges::count(names, "record_repaired"), torn ? 1 : 0) << size;
  }
}

TEST_F(RecordFile, ARepairThatIsCutShortIsRepaired) {
  Record record = open();
  EXPECT_TRUE(record.append(event(1)));
  for (const std::size_t more : {10u, 20u, 35u, 60u}) {
    const SmallDisk disk(text().size() + more);
    EXPECT_FALSE(record.append(event(2)));
  }
  EXPECT_TRUE(record.append(event(3)));
  EXPECT_TRUE(record.close());
  EXPECT_TRUE(verify_files().intact()) << text() << findings(verify_files());
}

TEST_F(RecordFile, AFileThatSomebodyRemovedIsMissed) {
  Record record = open();
  EXPECT_TRUE(record.append(event(1)));
  std::filesystem::remove(options_.path);
  EXPECT_TRUE(record.append(event(2)));
  EXPECT_THAT(events(), ElementsAre("record_begin", "record_repaired", "operation"));
  EXPECT_TRUE(record.close());
  EXPECT_THAT(findings(verify_files()), HasSubstr("no line of it says that numbers 1 to 4 were"));
}

TEST_F(RecordFile, AFileThatSomebodyCutIsMissed) {
  Record record = open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(record.append(event(i)));
  const std::string whole = text();
  std::filesystem::resize_file(options_.path, whole.rfind('\n', whole.size() - 2) + 1);
  EXPECT_TRUE(record.append(event(9)));
  EXPECT_TRUE(record.close());
  EXPECT_THAT(findings(verify_files()), HasSubstr("number 6 is missing"));
}

TEST_F(RecordFile, LinesOfAnotherWriterAreSeen) {
  Record record = open();
  EXPECT_TRUE(record.append(event(1)));
  const std::string whole = text();
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  std::ofstream(options_.path, std::ios::app) << whole.substr(last);
  EXPECT_TRUE(record.append(event(2)));
  EXPECT_TRUE(record.close());
  const audit::Verification found = verify_files();
  ASSERT_FALSE(found.problems.empty());
  EXPECT_THAT(findings(found), HasSubstr("record.jsonl:5: number 4: this line is a copy"));
}

TEST_F(RecordFile, EventsThatCouldBreakTheChainAreRefusedAndHugeOnesKeepTheirIds) {
  Record record = open();
  EXPECT_FALSE(record.append({{"event", "a"}}));
  EXPECT_FALSE(record.append({{"time", "now"}}));
  EXPECT_FALSE(record.append({{"event", "a"}, {"time", "now"}, {"seq", 1}}));
  EXPECT_FALSE(record.append({{"event", "a"}, {"time", "now"}, {"prev", ""}}));
  json huge = event(7);
  for (int i = 0; i < 600; ++i) huge["list"].push_back({{"x", std::string(2000, 'x')}});
  EXPECT_TRUE(record.append(huge));
  EXPECT_EQ(lines().back()["i"], 7);
  EXPECT_EQ(lines().back()["too_large"], true);
  EXPECT_TRUE(record.close());
  EXPECT_TRUE(verify_files().intact());
}

TEST_F(RecordFile, SecretsNeverReachTheFile) {
  Record record = open();
  json line = event();
  line["operation"] = {{"arguments", {"mysql", "--password", "hunter2", "db"}},
                       {"deep", {{"url", "https://bob:hunter2@example.org/"}}}};
  EXPECT_TRUE(record.append(line));
  EXPECT_EQ(text().find("hunter2"), std::string::npos) << text();
  EXPECT_THAT(text(), HasSubstr("[redacted 7 bytes sha256:"));
}

TEST_F(RecordFile, TheLinesCanBeReadWithJq) {
  if (std::system("command -v jq >/dev/null") != 0) GTEST_SKIP() << "jq is not installed";
  Record record = open();
  EXPECT_TRUE(record.append(event(5)));
  const std::string command = "jq -e 'select(.i == 5) | .seq == 4' " + options_.path + ">/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace stayd
