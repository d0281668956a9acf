// SPDX-License-Identifier: Apache-2.0
#include "proposals/proposal_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temp_dir.h"

namespace stayd::test {
namespace {

using testing::HasSubstr;

Ticket ticket_number(TicketId id, const std::string& policy = "support-agent") {
  Ticket ticket;
  ticket.id = id;
  ticket.policy = policy;
  return ticket;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ProposalFilesTest : public ::testing::Test {
 protected:
  TempDir directory_;
  ProposalFiles files_{directory_.path() + "/proposals"};
};

TEST_F(ProposalFilesTest, AreListedByTicketAndNobodyElsesToRead) {
  EXPECT_TRUE(files_.list().empty());
  ASSERT_TRUE(files_.write(ticket_number(20), "b\n"));
  const Result<std::string> path = files_.write(ticket_number(3), "a\n");
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(text_of(*path), "a\n");
  struct stat status {};
  ASSERT_EQ(::stat(path->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0600u);
  const auto listed = files_.list();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].ticket, 3u);
  EXPECT_EQ(listed[0].policy, "support-agent");
  EXPECT_EQ(listed[0].path, *path);
  EXPECT_EQ(listed[1].ticket, 20u);
}

TEST_F(ProposalFilesTest, TheSameTicketsTakesThePlaceOfTheFirst) {
  ASSERT_TRUE(files_.write(ticket_number(3), "a\n"));
  const Result<std::string> path = files_.write(ticket_number(3), "b\n");
  EXPECT_EQ(text_of(*path), "b\n");
  EXPECT_EQ(files_.list().size(), 1u);
}

TEST_F(ProposalFilesTest, ThereIsAnEndToThem) {
  for (TicketId id = 1; id <= ProposalFiles::kMax; ++id)
    ASSERT_TRUE(files_.write(ticket_number(id), "x"));
  const Result<std::string> more = files_.write(ticket_number(1000), "x");
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, HasSubstr("256 proposals"));
  EXPECT_TRUE(files_.write(ticket_number(1), "again"));
  std::filesystem::remove(files_.list().front().path);
  EXPECT_TRUE(files_.write(ticket_number(1000), "x"));
}

TEST_F(ProposalFilesTest, WhatElseLiesThereIsPassedOver) {
  ASSERT_TRUE(files_.write(ticket_number(3), "a\n"));
  const std::string directory = directory_.path() + "/proposals/";
  for (const char* name : {"notes.txt", "x-3.yaml", "4-a b.yaml", "5-.yaml", "6-x.yaml.new"})
    std::ofstream(directory + name) << "x";
  std::filesystem::create_symlink("/etc/passwd", directory + "7-x.yaml");
  EXPECT_EQ(files_.list().size(), 1u);
  EXPECT_FALSE(files_.write(ticket_number(8, "../x"), "a"));
}

}  // namespace
}  // namespace stayd::test
