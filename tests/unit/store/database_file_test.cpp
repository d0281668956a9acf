// SPDX-License-Identifier: Apache-2.0
#include "store/database_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::string error_of(const std::string& path) {
  const Result<DatabaseFile> file = claim_database_file(path);
  return file ? "(claimed)" : file.error().message;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), 0600);
}

TEST(DatabaseFile, IsMadeForItsOwnerAlone) {
  TempDir directory;
  const mode_t before = ::umask(0);
  const std::string path = directory / "state/desk.db";
  {
    const std::unique_ptr<Database> database = open_database(path);
    ASSERT_TRUE(database->run("INSERT INTO facts VALUES ('a', 'b')"));
    EXPECT_EQ(mode_of(directory / "state"), 0700U);
    for (const char* suffix : {"", "-wal", "-shm", ".lock"})
      EXPECT_EQ(mode_of(path + suffix), 0600U) << suffix;
  }
  ::umask(before);
}

TEST(DatabaseFile, WhatIsOpenToOthersIsRefused) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  ASSERT_TRUE(claim_database_file(path));
  ::chmod(path.c_str(), 0640);
  EXPECT_THAT(error_of(path), HasSubstr("desk.db is open to others; chmod 600 "));
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(error_of(path), "(claimed)");
  ::chmod(directory.path().c_str(), 0755);
  EXPECT_THAT(error_of(path), HasSubstr("is open to others; chmod 700 " + directory.path()));
}

TEST(DatabaseFile, WhatBelongsToAnotherIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  TempDir directory;
  const std::string path = directory / "desk.db";
  ASSERT_TRUE(claim_database_file(path));
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_THAT(error_of(path), HasSubstr("belongs to uid 65534"));
}

TEST(DatabaseFile, SymbolicLinksAndOtherThanFilesAreRefused) {
  TempDir directory;
  write_text(directory / "elsewhere", "");
  fs::create_symlink(directory / "elsewhere", directory / "desk.db");
  EXPECT_THAT(error_of(directory / "desk.db"), HasSubstr("desk.db is a symbolic link"));
  fs::create_symlink(directory / "elsewhere", directory / "b.db.lock");
  EXPECT_THAT(error_of(directory / "b.db"), HasSubstr("b.db.lock is a symbolic link"));
  fs::create_directory_symlink(directory.path(), directory / "state");
  EXPECT_THAT(error_of(directory / "state/c.db"), HasSubstr("must not be a symbolic link"));
  ASSERT_EQ(::mkfifo((directory / "fifo.db").c_str(), 0600), 0);
  EXPECT_THAT(error_of(directory / "fifo.db"), HasSubstr("is not a regular file"));
}

// SQLite follows no link for its logs either, and so does not write through one.
TEST(DatabaseFile, ALinkInPlaceOfTheLogIsNotFollowed) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  open_database(path).reset();
  write_text(directory / "elsewhere", "");
  fs::create_symlink(directory / "elsewhere", path + "-wal");
  EXPECT_THAT(message_of(Database::open(path, schema())), HasSubstr("desk.db: "));
  EXPECT_EQ(text_of(directory / "elsewhere"), "");
}

TEST(DatabaseFile, AParentThatIsMissingIsNamed) {
  TempDir directory;
  EXPECT_THAT(error_of(directory / "no/such/desk.db"), HasSubstr("no/such: No such file"));
  EXPECT_THAT(error_of(directory.path() + "/"), HasSubstr("names no file"));
}

TEST(DatabaseFile, ASecondProcessIsRefused) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  std::unique_ptr<Database> database = open_database(path);
  const auto says = [&path](const std::string& words) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(message_of(Database::open(path, schema())).find(words) != std::string::npos ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0;
  };
  EXPECT_TRUE(says("desk.db is in use by another process"));
  EXPECT_TRUE(database->run("INSERT INTO facts VALUES ('still', 'ours')"));
  database.reset();
  EXPECT_TRUE(says("(it opened)"));
}

TEST(DatabaseFile, ALogWhoseDatabaseIsGoneIsNotThrownAway) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  write_text(path + "-wal", "committed");
  EXPECT_THAT(error_of(path), HasSubstr("is gone but its log is there (desk.db-wal)"));
  EXPECT_EQ(text_of(path + "-wal"), "committed");
}

TEST(DatabaseFile, SettingAsideKeepsEverythingAndMakesRoom) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  write_text(path, "damaged");
  write_text(path + "-wal", "its log");
  const Result<std::string> aside = set_aside_database(path, kNoon);
  ASSERT_TRUE(aside) << aside.error().message;
  EXPECT_EQ(*aside,
            fs::canonical(directory.path()).string() + "/desk.db.corrupt-20231114T221320.000Z");
  EXPECT_EQ(text_of(*aside), "damaged");
  EXPECT_EQ(text_of(*aside + "-wal"), "its log");
  EXPECT_EQ(number(*open_database(path), "SELECT count(*) FROM tickets"), 0);

  // Nothing is replaced, nor taken from under a process that uses it.
  EXPECT_THAT(set_aside_database(path, kNoon).error().message, HasSubstr("File exists"));
  const std::unique_ptr<Database> database = open_database(path);
  EXPECT_THAT(set_aside_database(path, kNoon + std::chrono::seconds(1)).error().message,
              HasSubstr("in use"));
  EXPECT_THAT(set_aside_database(directory / "none.db", kNoon).error().message,
              HasSubstr("there is no "));
}

}  // namespace
}  // namespace stayd
