// SPDX-License-Identifier: Apache-2.0
#include "store/body_versions.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "store/body_rewrite.h"
#include "store/sealed.h"
#include "store/ticket_codec.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;

// What bodies of version 3 lack.
constexpr std::pair<const char*, const char*> kAddedSince[] = {
    {"ticket", "class"},   {"ticket", "asked_ahead"}, {"ticket", "stated_reason"},
    {"ticket", "names"},   {"ticket", "directory"},   {"ticket", "scopes"},
    {"ticket", "also"},    {"ticket", "called"},      {"ticket", "sets_off"},
    {"grant", "places"},   {"grant", "rule"},         {"grant", "touched"},
    {"grant", "directory"}};

std::optional<std::string> as_version_3(std::string_view sealed) {
  json whole = json::parse(*unseal(sealed));
  for (const auto& [of, name] : kAddedSince)
    if (whole.contains(of)) EXPECT_EQ(whole[of].erase(name), 1u) << of << " " << name;
  whole["version"] = 3;
  return seal(whole.dump());
}

class Version3 : public StoreTest {
 protected:
  // As the agent left it that wrote version 3 of the bodies, and version 4 of the schema.
  void reopen_from_version_3() {
    ASSERT_TRUE(rewrite_bodies(*database_, as_version_3));
    ASSERT_TRUE(database_->run("PRAGMA user_version = 4"));
    reopen();
  }
};

TEST_F(Version3, WhatWasAskedAndGrantedGoesOnAndNothingIsGrantedBeyondIt) {
  Ticket open = an_open_ticket(1);
  open.linger = std::chrono::minutes(5);
  open.caller_left = kNoon;
  open.rule_class = RuleClass::secret;
  const Ticket denied = closed(an_open_ticket(2), Outcome::denied, kNoon);
  ASSERT_TRUE(save(open));
  ASSERT_TRUE(save(denied));
  ASSERT_TRUE(save(a_grant(1, 2)));
  ASSERT_TRUE(store_->add_decision(approval(open), kNoon));
  reopen_from_version_3();

  const Snapshot snapshot = loaded();
  ASSERT_EQ(snapshot.open.size(), 1u);
  Ticket expected = open;
  expected.scopes = {Scope::process, Scope::workload};
  expected.rule_class = RuleClass::none;
  EXPECT_EQ(encode(snapshot.open[0]), encode(expected));
  ASSERT_EQ(snapshot.closed.size(), 1u);
  EXPECT_EQ(snapshot.closed[0].outcome, Outcome::denied);
  ASSERT_EQ(snapshot.grants.size(), 1u);
  EXPECT_EQ(encode(snapshot.grants[0]), encode(a_grant(1, 2)));
  EXPECT_TRUE(is_for_kernel(snapshot.grants[0]));
  ASSERT_EQ(snapshot.decisions.size(), 1u);
  EXPECT_EQ(encode(snapshot.decisions[0].decision), encode(approval(open)));
}

TEST_F(Version3, ABodyThatIsDamagedIsLeftAsItIs) {
  ASSERT_TRUE(save(an_open_ticket(1)));
  ASSERT_TRUE(rewrite_bodies(*database_, as_version_3));
  ASSERT_TRUE(database_->run("UPDATE tickets SET body = CAST(body || 'x' AS BLOB)"));
  ASSERT_TRUE(database_->run("PRAGMA user_version = 4"));
  reopen();
  EXPECT_FALSE(store_->load(kBoot));
}

}  // namespace
}  // namespace stayd
