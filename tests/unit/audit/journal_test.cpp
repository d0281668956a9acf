// SPDX-License-Identifier: Apache-2.0
#include "audit/journal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "audit/events.h"
#include "base/fd.h"
#include "support/waiting.h"
#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using audit::JournalEntry;
using nlohmann::json;
using testing::ElementsAre;

std::map<std::string, std::string> fields(const JournalEntry& entry) {
  std::map<std::string, std::string> result;
  for (const audit::JournalField& field : entry) result[field.name] = field.value;
  return result;
}

// Keeps what it is sent.
struct Kept final : audit::Journal {
  void send(JournalEntry entry) override { entries.push_back(std::move(entry)); }
  std::vector<JournalEntry> entries;
};

Decision a_decision() {
  Decision decision;
  decision.ticket = 12;
  decision.choice = Choice::deny;
  decision.person = "alice (uid 1000)";
  return decision;
}

TEST_F(RecordFile, AnchorsItsHeadWithEachSignature) {
  const auto journal = std::make_shared<Kept>();
  options_.journal = journal;
  options_.sign_lines = 2;
  Record record = open();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(record.append(event(i)));
  EXPECT_TRUE(record.close());
  std::map<std::uint64_t, std::string> heads;
  for (const JournalEntry& entry : journal->entries) {
    std::map<std::string, std::string> sent = fields(entry);
    EXPECT_EQ(sent["MESSAGE_ID"], audit::kHeadMessage);
    heads[std::stoull(sent["STAYD_RECORD_SEQ"])] = sent["STAYD_RECORD_HASH"];
  }
  EXPECT_EQ(heads.size(), 4u);
  EXPECT_EQ(heads.rbegin()->second, record.head().hash);
  EXPECT_TRUE(verify_files(heads).intact()) << findings(verify_files(heads));
  // With its heads elsewhere, a record cannot lose its end.
  const std::string whole = text();
  std::filesystem::resize_file(options_.path, whole.rfind('\n', whole.size() - 2) + 1);
  EXPECT_FALSE(verify_files(heads).intact());
}

TEST_F(RecordFile, SendsDecisionsAndOutcomesOnceTheyAreRecorded) {
  const auto journal = std::make_shared<Kept>();
  options_.journal = journal;
  Record record = open();
  journal->entries.clear();
  Ticket ticket;
  ticket.id = 12;
  ticket.workload = "/ai.slice/agent";
  ticket.outcome = Outcome::denied;
  ticket.decisions = {a_decision()};
  EXPECT_TRUE(record.append(audit::opened(ticket)));
  EXPECT_TRUE(record.append(audit::decided(a_decision(), ticket.workload, kNoon)));
  EXPECT_TRUE(record.append(audit::closed(ticket)));
  ASSERT_EQ(journal->entries.size(), 2u);
  auto decision = fields(journal->entries[0]);
  EXPECT_EQ(decision["MESSAGE_ID"], audit::kDecisionMessage);
  EXPECT_EQ(decision["MESSAGE"], "ticket 12: alice (uid 1000) answered deny");
  EXPECT_EQ(decision["STAYD_TICKET"], "12");
  EXPECT_EQ(decision["STAYD_PERSON"], "alice (uid 1000)");
  EXPECT_EQ(decision["STAYD_WORKLOAD"], "/ai.slice/agent");
  auto outcome = fields(journal->entries[1]);
  EXPECT_EQ(outcome["MESSAGE_ID"], audit::kOutcomeMessage);
  EXPECT_EQ(outcome["MESSAGE"], "ticket 12 is denied, by alice (uid 1000)");
  EXPECT_EQ(outcome["STAYD_OUTCOME"], "denied");
  EXPECT_FALSE(outcome.contains("STAYD_RECORD_SEQ"));

  EXPECT_TRUE(record.append(audit::glass_broken("/ai.slice/agent", a_decision(), kNoon, kNoon)));
  auto glass = fields(journal->entries.at(2));
  EXPECT_EQ(glass["MESSAGE"],
            "break glass: alice (uid 1000) lets /ai.slice/agent proceed without "
            "approval until 2023-11-14T22:13:20.000Z");
  EXPECT_EQ(glass["PRIORITY"], "4");
}

// In a child with a /run of its own, so that the machine's journal is left alone.
class OwnRun : public testing::Test {
 protected:
  // Runs `body` there; its result is the child's exit status, 77 if this is not possible here.
  template <class Body>
  static int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", "", MS_REC | MS_PRIVATE, "") != 0 ||
          ::mount("tmpfs", "/run", "tmpfs", 0, "") != 0)
        ::_exit(77);
      std::filesystem::create_directories("/run/systemd/journal");
      ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

// One datagram in the journal's native protocol: NAME=VALUE lines, or NAME, a 64-bit length
// and the value where the value has newlines (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
std::map<std::string, std::string> parse_datagram(std::string_view bytes) {
  std::map<std::string, std::string> result;
  while (!bytes.empty()) {
    const std::size_t line = bytes.find('\n');
    const std::size_t equals = bytes.find('=');
    if (equals < line) {
      result[std::string(bytes.substr(0, equals))] = bytes.substr(equals + 1, line - equals - 1);
      bytes.remove_prefix(line + 1);
    } else {
      std::uint64_t size = 0;
      std::memcpy(&size, bytes.data() + line + 1, sizeof size);
      result[std::string(bytes.substr(0, line))] = bytes.substr(line + 9, size);
      bytes.remove_prefix(line + 9 + size + 1);
    }
  }
  return result;
}

TEST_F(OwnRun, EntriesGoToTheJournalsSocketInItsNativeProtocol) {
  const int status = in_child([] {
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
    const auto journal = audit::system_journal();
    journal->send({{"MESSAGE", "two\nlines"}, {"STAYD_TICKET", "12"}});
    if (!readable(socket.get(), kPatience)) return 2;
    char bytes[4096];
    const ssize_t size = ::recv(socket.get(), bytes, sizeof bytes, 0);
    auto sent = parse_datagram({bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
    return sent["MESSAGE"] == "two\nlines" && sent["STAYD_TICKET"] == "12" ? 0 : 3;
  });
  if (status == 77) GTEST_SKIP() << "cannot make a mount namespace: not root";
  EXPECT_EQ(status, 0);
}

TEST_F(OwnRun, AJournalThatHangsHoldsUpNobody) {
  const int status = in_child([] {
    // Nobody reads it: after some datagrams a send blocks.
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
    const std::int64_t begun = now_ns();
    auto journal = audit::system_journal();
    for (int i = 0; i < 5000; ++i)
      journal->send({{"MESSAGE", std::string(500, 'x')}, {"N", std::to_string(i)}});
    if (since_ns(begun) > seconds(5)) return 2;
    journal.reset();  // two seconds
    return since_ns(begun) < seconds(20) ? 0 : 3;
  });
  if (status == 77) GTEST_SKIP() << "cannot make a mount namespace: not root";
  EXPECT_EQ(status, 0);
}

// systemd-journald itself, with everything it needs in the private /run.
TEST_F(OwnRun, ARealJournalFindsTheHeadByItsFields) {
  const char* journald = "/lib/systemd/systemd-journald";
  if (::access(journald, X_OK) != 0) GTEST_SKIP() << "systemd-journald is not installed";
  const int status = in_child([journald] {
    ::mkdir("/run/log", 0755);
    ::mkdir("/run/log/journal", 0755);
    const pid_t daemon = ::fork();
    if (daemon == 0) {
      const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
      for (const int fd : {0, 1, 2}) ::dup2(null.get(), fd);
      ::execl(journald, journald, nullptr);
      ::_exit(127);
    }
    const auto there = [] {
      return std::filesystem::exists("/run/systemd/journal/socket") &&
             !std::filesystem::is_empty("/run/log/journal");
    };
    int result = eventually(there) ? 0 : 77;
    if (result == 0) {
      auto journal = audit::system_journal();
      journal->send(audit::head_entry({41, std::string(64, 'a')}, "key"));
      journal.reset();
      const std::string command =
          "journalctl -q -D /run/log/journal -o cat "
          "--output-fields=STAYD_RECORD_HASH MESSAGE_ID=" +
          std::string(audit::kHeadMessage) + " STAYD_RECORD_SEQ=41 2>/dev/null | grep -q aaaa";
      result = eventually([&] { return std::system(command.c_str()) == 0; }) ? 0 : 4;
    }
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
    return result;
  });
  if (status == 77) GTEST_SKIP() << "systemd-journald does not start here";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace stayd
