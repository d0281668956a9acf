// SPDX-License-Identifier: Apache-2.0
#include "store/desk_store.h"

#include <gmock/gmock.h>

#include "store/fingerprint.h"
#include "store/ticket_codec.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DeskStoreTest : public StoreTest {};

template <class T>
std::vector<std::uint64_t> ids_of(const std::vector<T>& values) {
  std::vector<std::uint64_t> ids;
  for (const T& value : values) ids.push_back(value.id);
  return ids;
}

TEST_F(DeskStoreTest, AnEmptyOneKnowsNothing) {
  const Snapshot snapshot = loaded();
  EXPECT_FALSE(snapshot.is_other_boot);
  EXPECT_TRUE(snapshot.open.empty() && snapshot.closed.empty() && snapshot.grants.empty() &&
              snapshot.decisions.empty());
  EXPECT_EQ(snapshot.last_ticket, 0U);
  EXPECT_EQ(snapshot.last_grant, 0U);
}

TEST_F(DeskStoreTest, WhatWasSavedLastIsLoadedByTheNextProcess) {
  Ticket ticket = an_open_ticket(5);
  ASSERT_TRUE(save(ticket));
  ticket.holds = {5, 6, 7};
  ticket.joined = 3;
  Grant grant = a_grant(2, 5);
  ASSERT_TRUE(store_->save({.tickets = {&ticket}, .grants = {&grant}}, kNoon));
  reopen();
  const Snapshot snapshot = loaded();
  ASSERT_EQ(ids_of(snapshot.open), std::vector<std::uint64_t>{5});
  EXPECT_EQ(encode(snapshot.open[0]), encode(ticket));
  ASSERT_EQ(ids_of(snapshot.grants), std::vector<std::uint64_t>{2});
  EXPECT_EQ(encode(snapshot.grants[0]), encode(grant));
  EXPECT_EQ(snapshot.last_ticket, 5U);
  EXPECT_EQ(snapshot.last_grant, 2U);
}

TEST_F(DeskStoreTest, LoadsOpenTicketsAndTheLatestClosedOnesAndLiveGrants) {
  for (TicketId id = 1; id <= 6; ++id) {
    Ticket ticket = an_open_ticket(id);
    // Closed in another order than they were opened: 4, 3, 2.
    if (id >= 2 && id <= 4) ticket = closed(ticket, Outcome::cancelled, kNoon + 1h - id * 1min);
    ASSERT_TRUE(save(ticket));
  }
  Grant ended = a_grant(1);
  ASSERT_TRUE(save(ended) && save(a_grant(2)));
  ended.end = GrantEnd::revoked;
  ASSERT_TRUE(save(ended));
  const Snapshot snapshot = loaded(kBoot, 2);
  EXPECT_THAT(ids_of(snapshot.open), ElementsAre(1, 5, 6));
  EXPECT_THAT(ids_of(snapshot.closed), ElementsAre(3, 2));
  EXPECT_THAT(ids_of(snapshot.grants), ElementsAre(2));
}

TEST_F(DeskStoreTest, ADeskGoesOnWithWhatWasLoaded) {
  Desk desk;
  const auto save_all = [&](const Effects& effects) {
    Batch batch;
    for (const Changed& each : only<Changed>(effects))
      batch.tickets.push_back(desk.find(each.ticket));
    const std::vector<Granted> granted = only<Granted>(effects);
    for (const Granted& each : granted) batch.grants.push_back(&each.grant);
    ASSERT_TRUE(store_->save(batch, kNoon));
  };
  save_all(desk.hold_raised(an_operation(1, 100), kContext, kNoon));
  save_all(desk.hold_raised(an_operation(2, 200), kContext, kNoon));
  Decision decision = approval(*desk.find(1));
  decision.scope = Scope::workload;
  save_all(*desk.decide(decision, kAnybody, kNoon + 1s));

  reopen();
  Snapshot snapshot = loaded();
  Desk restored;
  for (Ticket& ticket : snapshot.open) restored.restore(std::move(ticket));
  for (Ticket& ticket : snapshot.closed) restored.restore(std::move(ticket));
  for (const Grant& grant : snapshot.grants) restored.restore(grant);
  restored.start_after(snapshot.last_ticket, snapshot.last_grant);
  EXPECT_EQ(restored.grants().live().size(), 1U);
  EXPECT_EQ(restored.find(1)->outcome, Outcome::approved);
  const auto effects = restored.decide(approval(*restored.find(2)), kAnybody, kNoon + 2s);
  ASSERT_TRUE(effects) << effects.error().message;
  ASSERT_EQ(only<Release>(*effects).size(), 1U);
  EXPECT_EQ(only<Release>(*effects)[0].hold, 2U);
}

TEST_F(DeskStoreTest, ABatchIsAllOrNothing) {
  const Ticket ticket = an_open_ticket(1);
  const Result<> saved = store_->save(
      {.tickets = {&ticket}, .also = [] { return Result<>(Error{"no card for it"}); }}, kNoon);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().message, "save tickets: no card for it");
  EXPECT_TRUE(loaded().open.empty());
  EXPECT_TRUE(save(ticket));
}

TEST_F(DeskStoreTest, ColumnsAreForQueriesAndSafeToShow) {
  Ticket ticket = closed(an_open_ticket(1), Outcome::denied, kNoon + 1min);
  ticket.operation.path = "/srv/\x1b[2Jcustomers";
  ticket.workload = "/ai.slice/\xff";
  ASSERT_TRUE(save(ticket));
  Result<Statement> row = database_->query(
      "SELECT workload, policy, kind, object, fingerprint, outcome, opened, deadline, closed"
      " FROM tickets");
  ASSERT_TRUE(row && *row->next());
  EXPECT_EQ(row->text(0), R"(/ai.slice/\xff)");
  EXPECT_EQ(row->text(1), "support-agent");
  EXPECT_EQ(row->text(2), "open");
  EXPECT_EQ(row->text(3), R"(/srv/\x1b[2Jcustomers)");
  EXPECT_EQ(row->text(4), fingerprint_of(ticket));
  EXPECT_EQ(row->text(5), "denied");
  EXPECT_EQ(row->integer(6), kNoon.time_since_epoch().count());
  EXPECT_EQ(row->integer(7) - row->integer(6), 30 * 60 * 1000);
  EXPECT_EQ(row->integer(8) - row->integer(6), 60 * 1000);
}

// After each step of a decision's way the process may end.
TEST_F(DeskStoreTest, ADecisionIsKnownAtEachStepUntilItsTicketHasIt) {
  Ticket ticket = an_open_ticket(1);
  ASSERT_TRUE(save(ticket));
  const Decision decision = approval(ticket);
  const Result<DecisionId> id = store_->add_decision(decision, kNoon + 1s);
  ASSERT_TRUE(id) << id.error().message;

  reopen();
  Snapshot snapshot = loaded();
  ASSERT_EQ(snapshot.decisions.size(), 1U);
  EXPECT_EQ(snapshot.decisions[0].id, *id);
  EXPECT_EQ(encode(snapshot.decisions[0].decision), encode(decision));
  EXPECT_EQ(snapshot.decisions[0].given, kNoon + 1s);
  EXPECT_FALSE(snapshot.decisions[0].recorded);

  ASSERT_TRUE(store_->mark_recorded(*id));
  reopen();
  snapshot = loaded();
  ASSERT_EQ(snapshot.decisions.size(), 1U);
  EXPECT_TRUE(snapshot.decisions[0].recorded);

  ticket = closed(ticket, Outcome::approved, kNoon + 2s);
  ASSERT_TRUE(store_->save({.tickets = {&ticket}, .applied = {*id}}, kNoon + 2s));
  reopen();
  snapshot = loaded();
  EXPECT_TRUE(snapshot.decisions.empty());
  ASSERT_EQ(snapshot.closed.size(), 1U);
  EXPECT_EQ(encode(snapshot.closed[0]), encode(ticket));
}

TEST_F(DeskStoreTest, ADecisionStaysUnappliedIfItsTicketCouldNotBeSaved) {
  Ticket ticket = an_open_ticket(1);
  ASSERT_TRUE(save(ticket));
  const Result<DecisionId> id = store_->add_decision(approval(ticket), kNoon);
  ticket = closed(ticket, Outcome::approved, kNoon);
  Batch batch{.tickets = {&ticket}, .applied = {*id}, .also = [] { return Result<>(Error{"x"}); }};
  ASSERT_FALSE(store_->save(batch, kNoon));
  EXPECT_EQ(loaded().decisions.size(), 1U);
  EXPECT_EQ(loaded().open.size(), 1U);
}

TEST_F(DeskStoreTest, ADecisionTakenBackIsGoneAndItsIdIsNotUsedAgain) {
  ASSERT_TRUE(save(an_open_ticket(1)));
  const Result<DecisionId> first = store_->add_decision(approval(an_open_ticket(1)), kNoon);
  ASSERT_TRUE(first && store_->remove_decision(*first));
  EXPECT_TRUE(loaded().decisions.empty());
  const Result<DecisionId> second = store_->add_decision(denial(an_open_ticket(1)), kNoon);
  ASSERT_TRUE(second);
  EXPECT_GT(*second, *first);
}

TEST_F(DeskStoreTest, ADecisionOnATicketThatIsNotSavedIsRefused) {
  EXPECT_THAT(store_->add_decision(approval(an_open_ticket(1)), kNoon).error().message,
              AllOf(HasSubstr("store the decision on ticket 1: "), HasSubstr("FOREIGN KEY")));
}

TEST_F(DeskStoreTest, SaysThatTheHostWasStartedAnewUntilThatIsSettled) {
  ASSERT_TRUE(store_->keep_boot(kBoot));
  ASSERT_TRUE(save(an_open_ticket(3)));
  ASSERT_TRUE(save(a_grant(70)));
  EXPECT_FALSE(loaded().is_other_boot);
  EXPECT_EQ(loaded().last_ticket, 3U);
  reopen();
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Snapshot snapshot = loaded("another");
    EXPECT_TRUE(snapshot.is_other_boot);
    EXPECT_EQ(snapshot.open.size(), 1U);
    // What was not yet on the disk when the power went may have had these.
    EXPECT_EQ(snapshot.last_ticket, 63U);
    EXPECT_EQ(snapshot.last_grant, 127U);
  }
  ASSERT_TRUE(store_->keep_boot("another"));
  EXPECT_FALSE(loaded("another").is_other_boot);
}

TEST_F(DeskStoreTest, CountsHowTheLikeWasAnswered) {
  const std::string fingerprint = fingerprint_of(an_open_ticket(1));
  EXPECT_FALSE(store_->precedent(fingerprint)->last);
  TicketId id = 0;
  const auto ends = [&](Outcome outcome, std::chrono::minutes after,
                        const std::function<void(Ticket&)>& change = {}) {
    Ticket ticket = an_open_ticket(++id);
    EXPECT_TRUE(save(ticket));
    ticket = closed(ticket, outcome, kNoon + after);
    if (change) change(ticket);
    // Saved again, for another reason, it counts no more.
    EXPECT_TRUE(save(ticket) && save(ticket));
  };
  ends(Outcome::approved, 3min);
  ends(Outcome::approved, 1min);
  ends(Outcome::denied, 2min);
  ends(Outcome::expired, 9min);
  ends(Outcome::cancelled, 9min);
  ends(Outcome::approved, 9min, [](Ticket& t) { t.decisions.back().break_glass = true; });
  ends(Outcome::approved, 9min, [](Ticket& t) { t.flood = true; });
  ends(Outcome::approved, 9min, [](Ticket& t) { t.operation.path = "/elsewhere"; });
  const Result<Precedent> precedent = store_->precedent(fingerprint);
  ASSERT_TRUE(precedent) << precedent.error().message;
  EXPECT_EQ(precedent->approved, 2U);
  EXPECT_EQ(precedent->denied, 1U);
  EXPECT_EQ(precedent->last, kNoon + 3min);
}

TEST_F(DeskStoreTest, IsSoundAfterAllThat) {
  const Ticket ticket = an_open_ticket(1);
  ASSERT_TRUE(save(ticket));
  const Result<> sound = database_->check_integrity();
  EXPECT_TRUE(sound) << sound.error().message;
}

}  // namespace
}  // namespace stayd
