// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "support/steps.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

const People& people() {
  static const People kPeople = *People::parse(
      "people: {p0: {accounts: [unix: 0]}, p1: {accounts: [unix: 1]}, p2: {accounts: [unix: 2]},\n"
      "         p3: {accounts: [unix: 3]}}\n"
      "groups: {first: [p0, p1, p2], later: [p2, p3]}\n",
      "p.yaml", [](const std::string&) { return std::nullopt; });
  return kPeople;
}

// What the outside world knows after carrying out every effect, and what must hold of it.
class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
    now_ += 24h * 31;
    carry_out(desk_.tick(now_));
    for (std::uint32_t slot = 0; slot < 3; ++slot)
      carry_out(desk_.workload_released({.slot = slot, .generation = 1}, now_));
    EXPECT_EQ(grants_given_, grants_ended_);
    EXPECT_TRUE(desk_.grants().live().empty());
    EXPECT_TRUE(desk_.open_tickets().empty());
    EXPECT_TRUE(waiting_.empty());
    EXPECT_EQ(raised_, released_ + gone_);
    EXPECT_FALSE(desk_.next_deadline());
  }
  const std::set<Outcome>& outcomes_seen() const { return outcomes_seen_; }
  std::size_t refusals() const { return refusals_; }
  std::size_t grants() const { return grants_given_; }
  std::size_t quorums() const { return quorums_; }
  std::size_t covered() const { return covered_; }
  std::size_t again_refused() const { return again_refused_; }

 private:
  void step() {
    now_ += std::chrono::milliseconds(random_() % 400);
    switch (random_() % 18) {
      case 16:
        snooze();
        break;
      case 17:
        revoke();
        break;
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
    // The ticket about a flood comes on top, and may double the budget again and again.
    for (const auto& [workload, count] : open)
      ASSERT_LE(count, kLimits.open_per_workload * (1 + floods_approved_) + 1);
    carry_out(desk_.tick(now_));
    for (const Grant* grant : desk_.grants().live())
      ASSERT_TRUE(!grant->expires || *grant->expires > now_) << "grant outlives its expiry";
  }

  std::string any_person() { return "p" + std::to_string(random_() % 4); }
  static Decision answer_by(const std::string& person, Decision decision) {
    decision.person = decision.name = person;
    return decision;
  }
  void snooze() {
    const Decision who = answer_by(any_person(), {});
    if (const auto effects = desk_.snooze(any_ticket(), who, people(), now_ + 1min, now_))
      carry_out(*effects);
  }
  void revoke() {
    const std::vector<const Grant*> live = desk_.grants().live();
    if (live.empty()) return;
    const GrantId id = live[random_() % live.size()]->id;
    const Result<Effects> effects = desk_.revoke(id, "p0");
    ASSERT_TRUE(effects);
    carry_out(*effects);
    ASSERT_FALSE(desk_.revoke(id, "p0"));
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
    context.approval.timeout = std::chrono::seconds(random_() % 10);
    context.approval.quorum = 1 + random_() % 2;
    if (random_() % 2 == 0) context.approval.approvers = {"first"};
    if (random_() % 2 == 0) context.approval.escalate = {{1s, {"later"}}};
    if (random_() % 4 == 0) context.excluded = {{any_person(), "owns the workload"}};
    context.reachable = random_() % 16 != 0;
    if (random_() % 2 == 0) context.approval.linger = std::chrono::seconds(random_() % 4);
    Operation operation = an_operation(hold, random_() % 6, any_workload());
    operation.time = now_;
    const Surroundings around{.rule = context.rule,
                              .names = {},
                              .touched = {},
                              .steps = steps_to(operation.path, operation.object.inode)};
    context.directory = directory_inode(operation, around.steps);
    if (const std::optional<Desk::Settled> settled = desk_.settle(operation, around, now_)) {
      ASSERT_EQ(outcomes_.at(settled->ticket),
                settled->grant != 0 ? Outcome::approved : Outcome::denied);
      ++(settled->grant != 0 ? covered_ : again_refused_);
      carry_out(settled->effects);
    } else {
      carry_out(desk_.hold_raised(operation, context, now_));
    }
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

  bool is_asked(const Ticket& ticket, const std::string& person) {
    for (const Excluded& each : ticket.excluded)
      if (each.person == person) return false;
    if (ticket.asked.empty()) return true;
    return std::ranges::any_of(ticket.asked,
                               [&](const auto& group) { return people().is_in(person, group); });
  }

  void decide() {
    const std::vector<const Ticket*> open = desk_.open_tickets();
    const bool blindly = open.empty() || random_() % 4 == 0;
    const TicketId id =
        blindly ? any_ticket() : open[random_() % std::min<std::size_t>(open.size(), 3)]->id;
    const Ticket* ticket = desk_.find(id);
    Decision decision = answer_by(any_person(), approval(ticket != nullptr ? *ticket : Ticket{}));
    decision.ticket = id;
    if (random_() % 4 == 0) decision.choice = Choice::deny;
    if (random_() % 3 == 0) decision.reason = "because";
    if (random_() % 4 == 0 && decision.choice == Choice::approve) {
      constexpr Scope kScopes[] = {Scope::process, Scope::workload, Scope::directory, Scope::rule};
      decision.scope = kScopes[random_() % 4];
      decision.grant_for = std::chrono::seconds(1 + random_() % 20);
      if (random_() % 2 == 0) decision.uses = static_cast<std::int64_t>(1 + random_() % 3);
    }
    if (random_() % 16 == 0) decision.digest += "0";
    const bool approves = decision.choice == Choice::approve;
    const bool first_time =
        ticket == nullptr || std::ranges::none_of(ticket->decisions, [&](const Decision& earlier) {
          return earlier.person == decision.person;
        });
    const bool offered = decision.scope == Scope::once ||
                         (ticket != nullptr && std::ranges::find(ticket->scopes, decision.scope) !=
                                                   ticket->scopes.end());
    const bool acceptable = ticket != nullptr && offered && ticket->outcome == Outcome::open &&
                            now_ < answerable_until(*ticket) && decision.digest == ticket->digest &&
                            is_asked(*ticket, decision.person) &&
                            (approves ? first_time : !decision.reason.empty());
    const bool enough = acceptable && (!approves || ticket->decisions.size() + 1 >= ticket->quorum);
    const bool flood = acceptable && ticket->flood;
    const bool checked = desk_.check(decision, people(), now_).has_value();
    const auto revision = desk_.revision();
    // Known before its effects are, which apply() judges.
    if (acceptable && approves) ++approvals_[id];
    if (acceptable && approves && enough) approved_.insert(id);
    const auto effects = desk_.decide(decision, people(), now_);
    ASSERT_EQ(effects.has_value(), acceptable);
    ASSERT_EQ(checked, acceptable);
    if (!acceptable) {
      ++refusals_;
      ASSERT_EQ(desk_.revision(), revision);
      return;
    }
    carry_out(*effects);
    if (!enough) {
      ASSERT_EQ(outcomes_.at(id), Outcome::open);
      return;
    }
    ASSERT_EQ(outcomes_.at(id), approves ? Outcome::approved : Outcome::denied);
    if (approves && flood) ++floods_approved_;
    if (approves && desk_.find(id)->quorum > 1) ++quorums_;
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
    ASSERT_EQ(final_decision(*ticket) != nullptr, decided);
    if (ticket->outcome == Outcome::approved) {
      std::set<PersonId> different;
      for (const Decision& each : ticket->decisions) different.insert(each.person);
      ASSERT_EQ(different.size(), ticket->quorum) << "a quorum was filled by fewer people";
    }
    ASSERT_TRUE(ticket->closed.has_value());
    ASSERT_TRUE(ticket->holds.empty());
  }
  void apply(const Refused& refused) { ASSERT_FALSE(refused.reason.empty()); }
  void apply(const DeniedUnasked& denied) { ASSERT_FALSE(denied.object.empty()); }
  void apply(const Granted& granted) {
    ++grants_given_;
    ASSERT_TRUE(approved_.contains(granted.grant.ticket));
    ASSERT_GT(granted.grant.uses, 0);
    ASSERT_TRUE(!granted.grant.expires || *granted.grant.expires > now_);
    ASSERT_TRUE(live_grants_.insert(granted.grant.id).second);
  }
  void apply(const GrantEnded& ended) {
    ++grants_ended_;
    ASSERT_NE(ended.grant.end, GrantEnd::live);
    ASSERT_EQ(live_grants_.erase(ended.grant.id), 1u) << "a grant ended twice";
  }
  void apply(const GrantUsed& used) {
    ASSERT_TRUE(live_grants_.contains(used.grant.id));
    ASSERT_GT(used.grant.uses, 0);
  }
  void apply(const Release& release) {
    ASSERT_EQ(waiting_.erase(release.hold), 1u) << "hold " << release.hold << " released twice";
    ++released_;
    if (release.answer == HoldAnswer::allow) {
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
  std::size_t grants_given_ = 0;
  std::size_t grants_ended_ = 0;
  std::size_t quorums_ = 0;
  std::size_t floods_approved_ = 0;
  std::size_t again_refused_ = 0;
  std::size_t covered_ = 0;
  std::set<GrantId> live_grants_;
  std::map<TicketId, std::size_t> approvals_;
  std::set<HoldId> waiting_;
  std::set<TicketId> approved_;
  std::map<TicketId, Outcome> outcomes_;
  std::set<Outcome> outcomes_seen_;
};

TEST(DeskProperties, EveryTicketEndsOnceAndEveryHoldIsReleasedOnceOrGone) {
  std::set<Outcome> outcomes;
  std::size_t refusals = 0;
  std::size_t grants = 0;
  std::size_t quorums = 0;
  std::size_t again_refused = 0;
  std::size_t covered = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(1500);
    if (::testing::Test::HasFailure()) return;
    outcomes.insert(world.outcomes_seen().begin(), world.outcomes_seen().end());
    refusals += world.refusals();
    grants += world.grants();
    quorums += world.quorums();
    again_refused += world.again_refused();
    covered += world.covered();
  }
  // Else the sequences would show less than the name says.
  EXPECT_EQ(outcomes.size(), 6u);
  EXPECT_GT(refusals, 1000u);
  EXPECT_GT(grants, 100u);
  EXPECT_GT(quorums, 100u);
  EXPECT_GT(again_refused, 10u);
  EXPECT_GT(covered, 100u);
}

}  // namespace
}  // namespace stayd
