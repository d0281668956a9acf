// SPDX-License-Identifier: Apache-2.0
// Grants by directory and by rule: what they let through, and what they do not.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "unit/tickets/wide_grants.h"

namespace stayd {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(WideGrants, ADirectoryIsAskedAboutOnceWhateverIsInIt) {
  const Effects effects = approve(at("/srv/customers/a.csv", 1), Scope::directory);
  EXPECT_EQ(only<Release>(effects).size(), 1u);
  const Grant grant = only<Granted>(effects).at(0).grant;
  EXPECT_EQ(grant.what,
            "reading any file in /srv/customers and below it, as far as this rule holds it");
  EXPECT_EQ(grant.expires, kNoon + 15min);
  EXPECT_FALSE(is_for_kernel(grant));
  for (HoldId hold = 2; hold < 62; ++hold) {
    const std::string path = "/srv/customers/" + std::to_string(hold % 7) + "/b.csv";
    ASSERT_EQ(settled(at(path, hold, hold)), grant.id);
    ASSERT_EQ(only<Release>(last_->effects).at(0).hold, hold);
    ASSERT_EQ(only<Release>(last_->effects)[0].answer, HoldAnswer::allow);
    ASSERT_EQ(only<Release>(last_->effects)[0].ticket, 1u);
  }
  EXPECT_TRUE(desk_.open_tickets().empty());
}

TEST_F(WideGrants, ADirectoryIsNoOtherDirectoryDeviceAccessKindRuleOrWorkload) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  Operation itself = at("/srv/customers", 2, directory_inode_of("/srv/customers"));
  itself.open_flags = O_DIRECTORY;
  EXPECT_NE(settled(itself), 0u) << "the directory itself";
  EXPECT_EQ(settled(at("/srv/customers2/a.csv", 2)), 0u);
  EXPECT_EQ(settled(at("/srv/a.csv", 2)), 0u);
  Operation other = at("/srv/customers/b.csv", 2);
  other.object.device = 8;
  EXPECT_EQ(settled(other), 0u);
  other = at("/srv/customers/b.csv", 2);
  other.off_host = true;
  EXPECT_EQ(settled(other), 0u) << "a path of the host is another's path elsewhere";
  other = at("/srv/customers/b.csv", 2);
  other.object.access |= 1u << STAYD_ACCESS_WRITE;
  EXPECT_EQ(settled(other), 0u);
  other = at("/srv/customers/b.csv", 2);
  other.object.operation = STAYD_OP_DELETE;
  EXPECT_EQ(settled(other), 0u);
  other = at("/srv/customers/b.csv", 2);
  other.workload = {.slot = 9, .generation = 9};
  EXPECT_EQ(settled(other), 0u);
  around_.rule = "files.read.hold: secrets (**/.env)";
  EXPECT_EQ(settled(at("/srv/customers/.env", 2)), 0u);
}

TEST_F(WideGrants, AnOpenedDirectoryIsTheDirectory) {
  Operation listing = at("/srv/customers", 1, directory_inode_of("/srv/customers"));
  listing.open_flags = O_DIRECTORY;
  approve(listing, Scope::directory);
  EXPECT_NE(settled(at("/srv/customers/a.csv", 2)), 0u);
  EXPECT_EQ(settled(at("/srv/b.csv", 3)), 0u);
}

TEST_F(WideGrants, WhatWasMovedIntoADirectorySinceIsAskedAbout) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  now_ += 1min;
  steps_["/srv/customers/moved.csv"] = {.inode = 0, .changed = now_, .made = kNoon - 24h};
  EXPECT_EQ(settled(at("/srv/customers/moved.csv", 2, 300)), 0u);
  steps_["/srv/customers/moved.csv"].made.reset();
  EXPECT_EQ(settled(at("/srv/customers/moved.csv", 2, 300)), 0u);
  steps_["/srv/customers/moved"] = {.inode = 0, .changed = now_, .made = kNoon - 24h};
  EXPECT_EQ(settled(at("/srv/customers/moved/b.csv", 2, 301)), 0u) << "with its directory";
  EXPECT_EQ(settled(at("/srv/customers/moved/b/c.csv", 2, 302)), 0u);
  EXPECT_NE(settled(at("/srv/customers/b.csv", 2, 303)), 0u) << "which was there";
}

TEST_F(WideGrants, WhatWasMadeElsewhereShortlyBeforeAndMovedInIsAskedAbout) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  const TimePoint made = now_ - 100ms;
  now_ += 1min;
  steps_["/srv/customers/moved.csv"] = {.inode = 0, .changed = now_, .made = made};
  EXPECT_EQ(settled(at("/srv/customers/moved.csv", 2, 300)), 0u);
}

TEST_F(WideGrants, WhatWasChangedShortlyBeforeIsInPlaceUnlessTheFileSystemKeepsWholeSeconds) {
  now_ += 300ms;
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  const TimePoint made = kNoon - 24h;
  steps_["/srv/customers/new.csv"] = {.inode = 0, .changed = now_ - 100ms, .made = made};
  EXPECT_NE(settled(at("/srv/customers/new.csv", 2, 300)), 0u);
  const TimePoint second = std::chrono::floor<std::chrono::seconds>(now_);
  steps_["/srv/customers/other.csv"] = {.inode = 0, .changed = second, .made = made};
  EXPECT_EQ(settled(at("/srv/customers/other.csv", 3, 301)), 0u);
}

TEST_F(WideGrants, WhatWasMadeInADirectorySinceIsInIt) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  now_ += 1min;
  steps_["/srv/customers/made"] = {.inode = 0, .changed = now_, .made = now_};
  steps_["/srv/customers/made/b.csv"] = {.inode = 0, .changed = now_, .made = now_};
  EXPECT_NE(settled(at("/srv/customers/made/b.csv", 2, 300)), 0u);
}

TEST_F(WideGrants, WhatIsKnownToBeInPlaceMayChange) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  EXPECT_NE(settled(at("/srv/customers/sub/b.csv", 2, 300)), 0u);
  now_ += 1min;
  for (const char* each :
       {"/srv/customers/a.csv", "/srv/customers/sub", "/srv/customers/sub/b.csv"})
    steps_[each] = {.inode = 0, .changed = now_, .made = kNoon - 24h};
  EXPECT_NE(settled(at("/srv/customers/a.csv", 3)), 0u) << "people were asked about it";
  EXPECT_NE(settled(at("/srv/customers/sub/b.csv", 4, 300)), 0u) << "it was let through";
  EXPECT_NE(settled(at("/srv/customers/sub/c.csv", 5, 301)), 0u) << "its directory is known";
}

TEST_F(WideGrants, AnotherDirectoryOrFileOfTheNameIsNotTheOneThatWasApproved) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  Surroundings elsewhere = around(at("/srv/customers/b.csv", 2, 300));
  Operation operation = at("/srv/customers/b.csv", 2, 301);
  operation.time = now_;
  EXPECT_FALSE(desk_.settle(operation, elsewhere, now_)) << "another file has the name by now";
  elsewhere.steps.clear();
  EXPECT_FALSE(desk_.settle(operation, elsewhere, now_)) << "it is not known where it is";
  steps_["/srv/customers"] = {.inode = 77, .changed = kNoon - 24h, .made = kNoon - 24h};
  EXPECT_EQ(settled(at("/srv/customers/b.csv", 2, 300)), 0u) << "another directory has the name";
}

// The kernel side reports the file that is opened, by its own name.
TEST_F(WideGrants, ALinkOutOfADirectoryIsTheFileThatItLeadsTo) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  EXPECT_EQ(settled(at("/etc/shadow", 2, 300)), 0u);
}

TEST_F(WideGrants, ADirectoryIsOfferedOnlyIfItIsKnownWhichItIs) {
  Operation operation = at("/srv/customers/a.csv", 1);
  steps_["/srv/customers/a.csv"] = {.inode = 5, .changed = {}, .made = {}};
  EXPECT_THAT(refusal(operation, Scope::directory, 15min), HasSubstr("not for the directory"));
}

// git writes config.lock and renames it: the file that is written to is another one each time.
TEST_F(WideGrants, ADirectorySurvivesFilesThatTakeTheNameOfOthers) {
  Operation rename = at("/srv/repo/.git/config.lock", 1, 500);
  rename.kind = OperationKind::rename;
  rename.new_path = "/srv/repo/.git/config";
  rename.object.operation = STAYD_OP_RENAME;
  rename.object.access = 1u << STAYD_ACCESS_RENAME;
  const GrantId id = only<Granted>(approve(rename, Scope::directory)).at(0).grant.id;
  desk_.places_changed(kWorkload, now_);
  rename.object.inode = 501;
  rename.hold_id = 2;
  EXPECT_EQ(settled(rename), id);
  rename.new_path = "/srv/repo/other";
  rename.hold_id = 3;
  EXPECT_EQ(settled(rename), 0u) << "it leads out of the directory";
}

TEST_F(WideGrants, WhenPlacesChangeGrantsForTheSameObjectEndAndAnotherPolicyEndsAll) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory);
  approve(at("/srv/b.csv", 2, 200), Scope::workload);
  const Effects places = desk_.places_changed(kWorkload, now_);
  ASSERT_EQ(only<GrantEnded>(places).size(), 1u);
  EXPECT_EQ(only<GrantEnded>(places)[0].grant.scope, Scope::workload);
  const Effects policy = desk_.policy_changed(kWorkload, now_);
  EXPECT_EQ(only<GrantEnded>(policy).size(), 1u);
  EXPECT_EQ(settled(at("/srv/customers/b.csv", 3)), 0u);
}

TEST_F(WideGrants, ARuleLetsThroughWhateverItHoldsOfTheSameKind) {
  const Grant grant =
      only<Granted>(approve(at("/srv/customers/a.csv", 1), Scope::rule)).at(0).grant;
  EXPECT_EQ(grant.what, std::string("every open for reading that this rule holds: ") + kRule);
  EXPECT_EQ(settled(at("/mnt/elsewhere/b.csv", 2)), grant.id);
  around_.rule = "files.read.hold: secrets (**/.env)";
  EXPECT_EQ(settled(at("/mnt/elsewhere/b.csv", 3)), 0u);
}

TEST_F(WideGrants, EndByTheirTimeTheirUsesAndByHand) {
  const GrantId for_a_while =
      only<Granted>(approve(at("/srv/customers/a.csv", 1), Scope::directory, 15min, 2))
          .at(0)
          .grant.id;
  EXPECT_EQ(settled(at("/srv/customers/b.csv", 2)), for_a_while);
  EXPECT_EQ(only<GrantUsed>(last_->effects).at(0).grant.uses, 1);
  EXPECT_EQ(settled(at("/srv/customers/c.csv", 3)), for_a_while);
  EXPECT_EQ(only<GrantEnded>(last_->effects).at(0).grant.end, GrantEnd::used_up);
  EXPECT_EQ(settled(at("/srv/customers/d.csv", 4)), 0u);

  const GrantId revoked =
      only<Granted>(approve(at("/srv/customers/e.csv", 5), Scope::directory)).at(0).grant.id;
  ASSERT_TRUE(desk_.revoke(revoked, "alice"));
  EXPECT_EQ(settled(at("/srv/customers/f.csv", 6)), 0u);

  approve(at("/srv/customers/g.csv", 7), Scope::directory);
  now_ += 15min;
  EXPECT_EQ(settled(at("/srv/customers/h.csv", 8)), 0u) << "although nothing ticked";
}

TEST_F(WideGrants, OneThatIsForEverSparesOneWithFewUses) {
  approve(at("/srv/customers/a.csv", 1), Scope::directory, 15min, 5);
  around_.touched = {};
  raise(at("/srv/customers/b.csv", 2, 200));
  Decision decision = approval(*desk_.find(desk_.newest()));
  decision.scope = Scope::rule;
  decision.grant_for = 15min;
  const auto effects = desk_.decide(decision, kAnybody, now_);
  ASSERT_TRUE(effects);
  EXPECT_EQ(settled(at("/srv/customers/c.csv", 3)), only<Granted>(*effects).at(0).grant.id);
}

TEST_F(WideGrants, WhatCouldCarryDataOutIsAskedAboutAgainOnceALabelWasRead) {
  around_ = {.rule = "network.hold: *.example.org",
             .names = {"a.example.org"},
             .touched = {},
             .steps = {}};
  approve(connect_to(1, 1), Scope::rule);
  EXPECT_NE(settled(connect_to(2, 2)), 0u);
  around_.touched = {"customer-data"};
  EXPECT_EQ(settled(connect_to(3, 3)), 0u);

  around_ = {.rule = kRule, .names = {}, .touched = {}, .steps = {}};
  approve(at("/srv/customers/a.csv", 4), Scope::directory);
  around_.touched = {"customer-data"};
  EXPECT_NE(settled(at("/srv/customers/b.csv", 5)), 0u) << "reading is what was approved";
}

TEST_F(WideGrants, WhatCannotWaitGetsOneForItsNextAttempt) {
  const GrantId wide =
      only<Granted>(approve(at("/srv/customers/a.csv", 1), Scope::directory)).at(0).grant.id;
  EXPECT_EQ(settled(at("/srv/customers/b.csv", 0, 200)), wide);
  EXPECT_TRUE(only<Release>(last_->effects).empty());
  const Grant next = only<Granted>(last_->effects).at(0).grant;
  EXPECT_TRUE(is_for_kernel(next));
  EXPECT_EQ(next.object.inode, 200u);
  EXPECT_EQ(next.uses, 1);
  EXPECT_EQ(next.expires, kNoon + 10min);
  const auto revoked = desk_.revoke(wide, "alice");
  ASSERT_TRUE(revoked);
  EXPECT_EQ(only<GrantEnded>(*revoked).size(), 2u) << "with what it has left";
}

TEST_F(WideGrants, AHoldThatHasATicketIsNotAnsweredBesides) {
  raise(at("/srv/customers/a.csv", 1));
  approve(at("/srv/customers/b.csv", 2, 200), Scope::directory);
  EXPECT_EQ(settled(at("/srv/customers/a.csv", 1)), 0u) << "the same hold, reported again";
}

TEST_F(WideGrants, APersonsDenialCountsMoreThanAGrant) {
  raise(at("/srv/customers/a.csv", 1));
  desk_.hold_gone(1, now_);
  ASSERT_TRUE(desk_.decide(denial(*desk_.find(1)), kAnybody, now_));
  approve(at("/srv/customers/b.csv", 2, 200), Scope::directory);
  EXPECT_EQ(settled(at("/srv/customers/a.csv", 3)), 0u);
  ASSERT_TRUE(last_);
  EXPECT_EQ(only<Release>(last_->effects).at(0).answer, HoldAnswer::deny);
}

TEST_F(WideGrants, AreForATimeAndAsThePolicySays) {
  EXPECT_THAT(refusal(at("/srv/customers/a.csv", 1), Scope::directory, 0s),
              HasSubstr("an approval for the directory is for a time; say how long"));
  EXPECT_THAT(refusal(at("/srv/customers/a.csv", 2), Scope::host, 15min),
              HasSubstr("it can be approved for: once, process, workload, directory, rule; not for "
                        "the host"));
  Operation top = at("/a.csv", 3, 300);
  EXPECT_THAT(refusal(top, Scope::directory, 15min), HasSubstr("not for the directory"));
  around_.rule = "files.default";
  EXPECT_THAT(refusal(at("/srv/x/a.csv", 4, 400), Scope::rule, 15min),
              HasSubstr("not for the rule"));
}

TEST_F(WideGrants, APolicyMayAllowFewer) {
  TicketContext context = kContext;
  context.approval.scopes = {Scope::workload};
  desk_.hold_raised(at("/srv/customers/a.csv", 1), context, kNoon);
  EXPECT_THAT(desk_.find(1)->scopes, ElementsAre(Scope::workload));
}

TEST_F(WideGrants, WhatDoesTwoThingsAtOnceIsNotApprovedByOneRule) {
  Operation both = at("/srv/customers/a.csv", 1);
  both.write = true;
  both.object.access |= 1u << STAYD_ACCESS_WRITE;
  EXPECT_THAT(refusal(both, Scope::rule, 15min), HasSubstr("not for the rule"));
}

TEST_F(WideGrants, OfSeveralApprovalsTheNarrowestCounts) {
  TicketContext context = kContext;
  context.rule = kRule;
  context.directory = directory_inode_of("/srv/customers");
  context.approval.quorum = 2;
  desk_.hold_raised(at("/srv/customers/a.csv", 1), context, kNoon);
  Decision first = approval(*desk_.find(1));
  first.scope = Scope::rule;
  first.grant_for = 1h;
  ASSERT_TRUE(desk_.decide(first, kAnybody, kNoon));
  Decision second = first;
  second.person = second.name = "bob";
  second.scope = Scope::directory;
  second.grant_for = 15min;
  const auto effects = desk_.decide(second, kAnybody, kNoon);
  ASSERT_TRUE(effects);
  const Grant grant = only<Granted>(*effects).at(0).grant;
  EXPECT_EQ(grant.scope, Scope::directory);
  EXPECT_EQ(grant.expires, kNoon + 15min);
}

}  // namespace
}  // namespace stayd
