// SPDX-License-Identifier: Apache-2.0
#include "kernel/data_trail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace stayd {
namespace {

using namespace std::string_view_literals;

// "a.csv", "customers", "srv": leaf first.
void put(stayd_files_read& files, std::uint64_t serial, std::string_view names,
         std::uint32_t flags = 0) {
  stayd_file_read& file = files.latest[(serial - 1) % STAYD_FILES_READ];
  file.serial = serial;
  file.device = 7;
  file.path_flags = flags;
  file.path_size = static_cast<std::uint32_t>(names.size());
  std::memcpy(file.path, names.data(), names.size());
  files.count = std::max<std::uint64_t>(files.count, serial);
}

TEST(DataTrail, FilesComeInTheOrderInWhichTheyWereRead) {
  stayd_files_read files{};
  for (std::uint64_t serial = 1; serial <= STAYD_FILES_READ + 2; ++serial)
    put(files, serial, std::string(1, static_cast<char>('a' + serial)) + '\0');
  const FilesRead read = files_read_of(files, files);
  EXPECT_EQ(read.count, STAYD_FILES_READ + 2u);
  ASSERT_EQ(read.latest.size(), std::size_t{STAYD_FILES_READ});
  EXPECT_EQ(read.latest.front().path, "/d");
  EXPECT_EQ(read.latest.back().path, "/s");
  EXPECT_EQ(read.latest.back().device, 7u);
}

TEST(DataTrail, APathThatWasCutSaysSo) {
  stayd_files_read files{};
  put(files, 1, "a.csv\0customers\0"sv, STAYD_EVENT_PATH_TRUNCATED);
  EXPECT_EQ(files_read_of(files, files).latest.at(0).path, "…/customers/a.csv");
}

TEST(DataTrail, WhatIsBeingWrittenIsLeftOut) {
  stayd_files_read first{};
  put(first, 1, "one\0"sv);
  put(first, 2, "two\0"sv);
  put(first, 3, "three\0"sv);
  stayd_files_read second = first;
  second.latest[0].path[1] = 'x';
  first.latest[1].busy = second.latest[1].busy = 1;
  const FilesRead read = files_read_of(first, second);
  EXPECT_EQ(read.count, 3u);
  ASSERT_EQ(read.latest.size(), 1u);
  EXPECT_EQ(read.latest[0].path, "/three");
}

TEST(DataTrail, APathIsNeverReadBeyondItsEnd) {
  stayd_files_read files{};
  put(files, 1, "a\0"sv);
  files.latest[0].path_size = STAYD_READ_PATH_SIZE + 1;
  EXPECT_TRUE(files_read_of(files, files).latest.empty());
}

TEST(DataTrail, DestinationsComeBySizeAndTheSameOneTwiceIsOne) {
  stayd_sent sent{};
  const auto put_sent = [&](std::size_t at, std::uint8_t host, std::uint64_t bytes) {
    sent.to[at].address[15] = host;
    sent.to[at].port = 443;
    sent.to[at].protocol = 6;
    sent.to[at].state = STAYD_SENT_KNOWN;
    sent.to[at].bytes = bytes;
  };
  put_sent(0, 1, 10);
  put_sent(1, 2, 15);
  put_sent(2, 1, 7);
  put_sent(3, 3, 99);
  sent.to[3].state = STAYD_SENT_CLAIMED;
  sent.bytes = 40;
  const Sent read = sent_of(sent);
  EXPECT_EQ(read.bytes, 40u);
  ASSERT_EQ(read.to.size(), 2u);
  EXPECT_EQ(to_string(read.to[0].endpoint), "[::1]:443/tcp");
  EXPECT_EQ(read.to[0].bytes, 17u);
  EXPECT_EQ(read.to[1].bytes, 15u);
}

}  // namespace
}  // namespace stayd
