// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

// What the outside world knows after carrying out every effect, and what must hold of it.
class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
    now_ += 24h * 31;
    carry_out(desk_.tick(now_));
    EXPECT_TRUE(desk_.open_tickets().empty());
    EXPECT_TRUE(waiting_.empty());
    EXPECT_EQ(raised_, released_ + gone_);
    EXPECT_FALSE(desk_.next_deadline());
  }
  const std::set<Outcome>& outcomes_seen() const { return outcomes_seen_; }
  std::size_t refusals() const { return refusals_; }

 private:
  void step() {
    now_ += std::chrono::milliseconds(random_() % 400);
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        raise();
        break;
      case 6:
      case 7:
        leave();
        break;
      case 8:
      case 9:
      case 10:
      case 11:
        decide();
        break;
      case 12:
        carry_out(desk_.tick(now_));
        break;
      case 13:
        if (random_() % 8 == 0) carry_out(desk_.workload_released(any_workload(), now_));
        break;
      case 14:
        if (random_() % 4 == 0) carry_out(desk_.no_approver(any_ticket(), now_));
        break;
      default:
        if (random_() % 4 == 0) carry_out(desk_.superseded(any_ticket(), now_));
        break;
    }
    std::size_t held = 0;
    std::map<WorkloadId, std::size_t> open;
    for (const Ticket* ticket : desk_.open_tickets()) {
      held += ticket->holds.size();
      ++open[ticket->operation.workload];
    }
    ASSERT_EQ(held, waiting_.size());
    ASSERT_LE(held, kLimits.holds);
    for (const auto& [workload, count] : open) ASSERT_LE(count, kLimits.open_per_workload);
  }

  WorkloadId any_workload() {
    return {.slot = static_cast<std::uint32_t>(random_() % 3), .generation = 1};
  }
  // Mostly a recent one; now and then one that is long gone or never was.
  TicketId any_ticket() {
    const TicketId spread = random_() % 8 == 0 ? newest_ + 2 : 20;
    return newest_ + 1 - std::min(newest_ + 1, random_() % spread);
  }

  void raise() {
    const bool held = random_() % 4 != 0;
    const HoldId hold = held ? ++last_hold_ : 0;
    if (held) {
      ++raised_;
      waiting_.insert(hold);
    }
    TicketContext context = kContext;
    context.timeout = std::chrono::milliseconds(random_() % 5000);
    carry_out(desk_.hold_raised(an_operation(hold, random_() % 6, any_workload()), context, now_));
  }

  void leave() {
    if (waiting_.empty()) return;
    auto hold = waiting_.begin();
    std::advance(hold, static_cast<long>(random_() % waiting_.size()));
    const HoldId id = *hold;
    waiting_.erase(hold);
    ++gone_;
    carry_out(desk_.hold_gone(id, now_));
  }

  void decide() {
    const TicketId id = any_ticket();
    const Ticket* ticket = desk_.find(id);
    Decision decision = approval(ticket != nullptr ? *ticket : Ticket{});
    decision.ticket = id;
    if (random_() % 2 == 0) decision.choice = Choice::deny;
    if (random_() % 3 == 0) decision.reason = "because";
    if (random_() % 4 == 0 && decision.choice == Choice::approve) decision.grant_for = 1min;
    if (random_() % 8 == 0) decision.digest += "0";
    const bool acceptable = ticket != nullptr && ticket->outcome == Outcome::open &&
                            now_ < ticket->deadline && decision.digest == ticket->digest &&
                            (decision.choice == Choice::approve || !decision.reason.empty());
    const bool checked = desk_.check(decision, now_).has_value();
    const auto revision = desk_.revision();
    const auto effects = desk_.decide(decision, now_);
    ASSERT_EQ(effects.has_value(), acceptable);
    ASSERT_EQ(checked, acceptable);
    if (!acceptable) {
      ++refusals_;
      ASSERT_EQ(desk_.revision(), revision);
      return;
    }
    if (decision.choice == Choice::approve) approved_.insert(id);
    carry_out(*effects);
    ASSERT_EQ(outcomes_.at(id),
              decision.choice == Choice::approve ? Outcome::approved : Outcome::denied);
  }

  void carry_out(const Effects& effects) {
    for (const Effect& effect : effects) {
      std::visit([this](const auto& one) { apply(one); }, effect);
    }
  }
  void apply(const Changed& changed) {
    const Ticket* ticket = desk_.find(changed.ticket);
    ASSERT_NE(ticket, nullptr);
    newest_ = std::max(newest_, ticket->id);
    const Outcome before = outcomes_.emplace(ticket->id, Outcome::open).first->second;
    ASSERT_EQ(before, Outcome::open) << "ticket " << ticket->id << " changed after its outcome";
    outcomes_[ticket->id] = ticket->outcome;
    if (ticket->outcome == Outcome::open) return;
    outcomes_seen_.insert(ticket->outcome);
    const bool decided = ticket->outcome == Outcome::approved || ticket->outcome == Outcome::denied;
    ASSERT_EQ(ticket->decision.has_value(), decided);
    ASSERT_TRUE(ticket->closed.has_value());
    ASSERT_TRUE(ticket->holds.empty());
  }
  void apply(const Refused& refused) { ASSERT_FALSE(refused.reason.empty()); }
  void apply(const Grant& grant) {
    ASSERT_TRUE(approved_.contains(grant.ticket));
    ASSERT_GT(grant.uses, 0);
    ASSERT_GT(grant.expires, now_);
  }
  void apply(const Release& release) {
    ASSERT_EQ(waiting_.erase(release.hold), 1u) << "hold " << release.hold << " released twice";
    ++released_;
    if (release.allow) {
      ASSERT_TRUE(approved_.contains(release.ticket));
      ASSERT_GT(release.valid_until, now_);
    }
    if (release.ticket != 0) {
      ASSERT_NE(outcomes_.at(release.ticket), Outcome::open);
    }
  }

  static constexpr DeskLimits kLimits{.open_per_workload = 4, .holds = 20, .closed_kept = 50};

  std::mt19937 random_;
  Desk desk_{kLimits};
  TimePoint now_ = kNoon;
  HoldId last_hold_ = 0;
  TicketId newest_ = 0;
  std::size_t raised_ = 0;
  std::size_t released_ = 0;
  std::size_t gone_ = 0;
  std::size_t refusals_ = 0;
  std::set<HoldId> waiting_;
  std::set<TicketId> approved_;
  std::map<TicketId, Outcome> outcomes_;
  std::set<Outcome> outcomes_seen_;
};

TEST(DeskProperties, EveryTicketEndsOnceAndEveryHoldIsReleasedOnceOrGone) {
  std::set<Outcome> outcomes;
  std::size_t refusals = 0;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(1500);
    if (::testing::Test::HasFailure()) return;
    outcomes.insert(world.outcomes_seen().begin(), world.outcomes_seen().end());
    refusals += world.refusals();
  }
  // Else the sequences would show less than the name says.
  EXPECT_EQ(outcomes.size(), 6u);
  EXPECT_GT(refusals, 1000u);
}

}  // namespace
}  // namespace stayd
