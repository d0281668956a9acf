// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <random>

#include "store/ticket_codec.h"
#include "support/trials.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::HasSubstr;

constexpr TicketId kTickets = 40;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  ::chmod(path.c_str(), 0600);
}

class Damage : public ::testing::Test {
 protected:
  Damage() {
    const std::unique_ptr<Database> database = open_database(path_);
    DeskStore store(*database);
    for (TicketId id = 1; id <= kTickets; ++id) {
      const Ticket ticket = an_open_ticket(id);
      EXPECT_TRUE(store.save({.tickets = {&ticket}}, kNoon));
      intact_ += encode(ticket);
    }
  }

  // What it says about a file of these bytes; nothing if all is there as it was written.
  std::string what_is_wrong_with(const std::string& bytes) {
    std::filesystem::remove(path_ + "-wal");
    std::filesystem::remove(path_ + "-shm");
    write_bytes(path_, bytes);
    Result<std::unique_ptr<Database>> database = Database::open(path_, schema());
    if (!database) return database.error().message;
    const Result<Snapshot> snapshot = DeskStore(**database).load(kBoot);
    if (!snapshot) return snapshot.error().message;
    std::string found;
    for (const Ticket& ticket : snapshot->open) found += encode(ticket);
    return found == intact_ ? "" : "(unnoticed)";
  }

  TempDir directory_;
  std::string path_ = directory_ / "desk.db";
  std::string intact_;
};

TEST_F(Damage, AFileThatEndsTooEarlyIsNamedAsDamaged) {
  const std::string whole = bytes_of(path_);
  ASSERT_GT(whole.size(), 60'000U);
  EXPECT_EQ(what_is_wrong_with(whole), "");
  for (std::size_t size = 100; size < whole.size(); size += 4096) {
    const std::string wrong = what_is_wrong_with(whole.substr(0, size));
    EXPECT_THAT(wrong, HasSubstr(path_.substr(path_.rfind('/')))) << size;
    EXPECT_THAT(wrong, HasSubstr("set it aside")) << size;
  }
}

TEST_F(Damage, AFlippedBitIsNoticedOrChangesNothing) {
  const std::string whole = bytes_of(path_);
  std::mt19937 random(7);
  const std::size_t rounds = trials(80, 400);
  std::size_t noticed = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::string bytes = whole;
    const std::size_t at = random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    const std::string wrong = what_is_wrong_with(bytes);
    EXPECT_NE(wrong, "(unnoticed)") << "byte " << at;
    if (!wrong.empty()) ++noticed;
  }
  EXPECT_GT(noticed, rounds / 4);
}

// An index that lost an entry must not hide what is open, even one that is made for it.
TEST_F(Damage, AFlippedBitInAnIndexIsNoticedOrChangesNothing) {
  std::size_t page = 0;
  {
    const std::unique_ptr<Database> database = open_database(path_);
    ASSERT_TRUE(database->run("CREATE INDEX quick ON tickets (id) WHERE closed IS NULL"));
    page = static_cast<std::size_t>(
        number(*database, "SELECT rootpage FROM sqlite_schema WHERE name = 'quick'"));
  }
  const std::string whole = bytes_of(path_);
  const std::size_t step = 4096 / trials(585, 4096);  // usually every seventh byte
  std::size_t flips = 0;
  for (std::size_t i = (page - 1) * 4096; i < page * 4096; i += step) {
    if (whole[i] == 0) continue;
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
    EXPECT_NE(what_is_wrong_with(bytes), "(unnoticed)") << "byte " << i;
    ++flips;
  }
  EXPECT_GT(flips, 100 / step);
}

TEST_F(Damage, APageOfRubbishIsNoticed) {
  const std::string whole = bytes_of(path_);
  std::mt19937 random(8);
  for (std::size_t page = 0; page * 4096 < whole.size(); ++page) {
    std::string bytes = whole;
    for (std::size_t i = 0; i < 4096; ++i) bytes[page * 4096 + i] = static_cast<char>(random());
    EXPECT_NE(what_is_wrong_with(bytes), "(unnoticed)") << "page " << page;
  }
}

TEST_F(Damage, ADamagedBodyNamesItsTicket) {
  std::string bytes = bytes_of(path_);
  const std::size_t at = bytes.find("/srv/customers/list.csv", bytes.find("new_path"));
  ASSERT_NE(at, std::string::npos);
  bytes[bytes.find("python3.11", at)] = 'P';
  const std::string wrong = what_is_wrong_with(bytes);
  EXPECT_THAT(wrong, HasSubstr("ticket "));
  EXPECT_THAT(wrong, HasSubstr("the database is damaged"));
}

TEST_F(Damage, NothingIsReplacedUntilItIsSetAside) {
  std::string bytes = bytes_of(path_);
  for (std::size_t i = 0; i < 100; ++i) bytes[8192 + i] = 'x';
  ASSERT_NE(what_is_wrong_with(bytes), "");
  EXPECT_TRUE(bytes_of(path_) == bytes);
  const Result<std::string> aside = set_aside_database(path_, kNoon);
  ASSERT_TRUE(aside) << aside.error().message;
  EXPECT_TRUE(bytes_of(*aside) == bytes);
  EXPECT_EQ(number(*open_database(path_), "SELECT count(*) FROM tickets"), 0);
}

}  // namespace
}  // namespace stayd
