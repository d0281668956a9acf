// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>

#include "store/outbox.h"
#include "support/trials.h"
#include "support/waiting.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;

enum class Step : std::uint8_t { ticket_saved, decision_added, recorded, applied };

// What the writer says has been committed, after it has.
struct Report {
  std::uint64_t ticket = 0;
  DecisionId decision = 0;
  Step step{};
};

[[noreturn]] void write_for_ever(const std::string& path, int reports) {
  Result<std::unique_ptr<Database>> database = Database::open(path, schema());
  if (!database) ::_exit(1);
  DeskStore store(**database);
  Outbox outbox(**database);
  const Result<Snapshot> before = store.load(kBoot);
  if (!before) ::_exit(2);
  for (TicketId id = before->last_ticket + 1;; ++id) {
    const auto say = [&](DecisionId decision, Step step) {
      const Report report{id, decision, step};
      if (::write(reports, &report, sizeof report) != sizeof report) ::_exit(3);
    };
    Ticket ticket = an_open_ticket(id);
    const auto tell = [&]() -> Result<> {
      if (auto put = outbox.put("teams", "card-" + std::to_string(id), id, kNoon, id); !put)
        return put.error();
      return {};
    };
    if (!store.save({.tickets = {&ticket}, .also = tell}, kNoon)) ::_exit(4);
    say(0, Step::ticket_saved);
    const Result<DecisionId> decision = store.add_decision(approval(ticket), kNoon);
    if (!decision) ::_exit(5);
    say(*decision, Step::decision_added);
    if (!store.mark_recorded(*decision)) ::_exit(6);
    say(*decision, Step::recorded);
    ticket = closed(ticket, Outcome::approved, kNoon);
    const Grant grant = a_grant(id, id);
    if (!store.save({.tickets = {&ticket}, .grants = {&grant}, .applied = {*decision}}, kNoon))
      ::_exit(7);
    say(*decision, Step::applied);
    if (id % 16 == 0 && !store.prune(kNoon, 50)) ::_exit(8);
  }
}

// All that it says until it is killed, some time after its `count`th word.
std::vector<Report> run_and_kill(const std::string& path, int count, std::int64_t extra_ns) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::close(ends[0]);
    write_for_ever(path, ends[1]);
  }
  ::close(ends[1]);
  std::vector<Report> reports;
  Report report;
  while (::read(ends[0], &report, sizeof report) == sizeof report) {
    reports.push_back(report);
    if (static_cast<int>(reports.size()) != count) continue;
    for (const std::int64_t begun = now_ns(); now_ns() - begun < extra_ns;) {
    }
    ::kill(writer, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(writer, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
  return reports;
}

// Where each ticket got to, by what was committed and said.
std::map<std::uint64_t, Report> latest(const std::vector<Report>& reports) {
  std::map<std::uint64_t, Report> by_ticket;
  for (const Report& report : reports) by_ticket[report.ticket] = report;
  return by_ticket;
}

TEST(Kill, NothingThatWasCommittedIsLostAtWhateverMoment) {
  TempDir directory;
  const std::string path = directory / "desk.db";
  std::mt19937 random(11);
  std::size_t committed = 0;
  std::size_t mid_way = 0;
  const std::size_t rounds = trials(15, 60);
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::vector<Report> reports =
        run_and_kill(path, 1 + static_cast<int>(random() % 40), random() % 3'000'000);
    ASSERT_FALSE(reports.empty());
    committed += reports.size();

    const std::unique_ptr<Database> database = open_database(path);
    const Result<> sound = database->check_integrity();
    ASSERT_TRUE(sound) << sound.error().message;
    DeskStore store(*database);
    const Result<Snapshot> snapshot = store.load(kBoot, 1000);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    std::map<std::uint64_t, const Ticket*> tickets;
    for (const Ticket& each : snapshot->open) tickets[each.id] = &each;
    for (const Ticket& each : snapshot->closed) tickets[each.id] = &each;
    std::map<DecisionId, const StoredDecision*> decisions;
    for (const StoredDecision& each : snapshot->decisions) decisions[each.id] = &each;

    ASSERT_GE(snapshot->last_ticket, reports.back().ticket);
    ASSERT_LE(snapshot->last_ticket, reports.back().ticket + 1);
    for (const auto& [id, report] : latest(reports)) {
      const bool is_last = id == reports.back().ticket;
      if (!tickets.contains(id)) {
        // Only pruning takes one away, of which there are 50.
        ASSERT_TRUE(report.step == Step::applied && id + 40 < snapshot->last_ticket) << id;
        continue;
      }
      const Ticket& ticket = *tickets[id];
      if (report.step == Step::applied) {
        EXPECT_EQ(ticket.outcome, Outcome::approved) << id;
        EXPECT_FALSE(decisions.contains(report.decision)) << id;
        continue;
      }
      ASSERT_TRUE(is_last) << id;
      // Further than it could say, at most by one step.
      const bool applied = ticket.outcome == Outcome::approved;
      ASSERT_FALSE(applied && report.step != Step::recorded) << id;
      if (report.step != Step::ticket_saved && !applied) {
        ASSERT_TRUE(decisions.contains(report.decision)) << id;
        EXPECT_EQ(decisions[report.decision]->decision.ticket, id);
        EXPECT_TRUE(decisions[report.decision]->recorded || report.step != Step::recorded);
        ++mid_way;
      }
    }
    // A ticket and the message about it are there together, and so are its grant and outcome.
    EXPECT_EQ(number(*database, "SELECT count(*) FROM tickets"),
              number(*database, "SELECT count(*) FROM outbox"));
    EXPECT_EQ(number(*database,
                     "SELECT count(*) FROM tickets WHERE outcome = 'approved' AND"
                     " id NOT IN (SELECT ticket FROM grants)"),
              0);
    EXPECT_LE(snapshot->decisions.size(), 1U);
    // What a start does with them, so that the next round begins clean.
    for (const StoredDecision& each : snapshot->decisions)
      ASSERT_TRUE(store.remove_decision(each.id));
    for (const Ticket& each : snapshot->open) {
      const Ticket gone = closed(each, Outcome::cancelled, kNoon);
      ASSERT_TRUE(store.save({.tickets = {&gone}}, kNoon));
    }
  }
  EXPECT_GT(committed, rounds * 25 / 3);
  EXPECT_GT(mid_way, rounds / 12) << "never killed while a decision was on its way";
}

}  // namespace
}  // namespace stayd
