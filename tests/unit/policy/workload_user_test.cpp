// SPDX-License-Identifier: Apache-2.0
// "~" and "$uid": whose they are, and that nothing is decided without knowing it.
#include "policy/workload_user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/users.h"
#include "unit/policy/compiled.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

using testing::HasSubstr;

constexpr const char* kRules =
    "labels: {keys: [~/.ssh, \"~/.config/*/token\"]}\n"
    "network: {default: allow, hold: [\"unix:/tmp/tmux-$uid\", \"unix:~/.docker/run\"]}\n"
    "files: {default: allow, read: {hold: [keys]}, write: {deny: [\"~\"]}}\n";

Verdict verdict_for(const WorkloadUser& user, const std::string& operation) {
  PathTree tree;
  const Result<Policy> policy = for_user(policy_of(kRules), user);
  EXPECT_TRUE(policy) << policy.error().message;
  const Result<CompiledPolicy> result = compile(*policy, tree.resolver());
  EXPECT_TRUE(result) << result.error().message;
  return decide(*result, *parse_attempt(operation, tree)).verdict;
}

TEST(WorkloadUser, ATildeIsTheHomeInPathsPatternsAndSockets) {
  const WorkloadUser dev{"/home/dev", 1000};
  EXPECT_EQ(verdict_for(dev, "open:/home/dev/.ssh/id:read"), Verdict::hold);
  EXPECT_EQ(verdict_for(dev, "open:/home/dev/.config/gh/token:read"), Verdict::hold);
  EXPECT_EQ(verdict_for(dev, "create:/home/dev/x"), Verdict::deny);
  EXPECT_EQ(verdict_for(dev, "connect:unix:/tmp/tmux-1000/default"), Verdict::hold);
  EXPECT_EQ(verdict_for(dev, "connect:unix:/home/dev/.docker/run/docker.sock"), Verdict::hold);
  EXPECT_EQ(verdict_for(dev, "open:/home/ann/.ssh/id:read"), Verdict::allow);
  EXPECT_EQ(verdict_for(dev, "connect:unix:/tmp/tmux-1001/default"), Verdict::allow);
  EXPECT_EQ(verdict_for({"/root", 0}, "open:/root/.ssh/id:read"), Verdict::hold);
}

TEST(WorkloadUser, WithoutAUserNothingIsCompiled) {
  PathTree tree;
  const Result<CompiledPolicy> result = compile(policy_of(kRules), tree.resolver());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "p.yaml:2:17: '~/.ssh' needs to know the workload's user; add 'user: NAME' to p.yaml");
  const Result<Policy> policy = for_cgroup_user(policy_of(kRules), std::nullopt);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message,
            "p.yaml:2:17: '~/.ssh' needs to know the workload's user, and the cgroup does not "
            "tell; add 'user: NAME' to p.yaml");
}

TEST(WorkloadUser, APacksPlaceIsNamedWithItsFile) {
  const Result<Policy> policy = parse_policy(
      "policy: p\nuse: [k]\nnetwork: {default: allow}\nfiles: {default: allow}\nexec: {default: "
      "allow}\n",
      "p.yaml", packs_of({{"k", pack_text("k", "files: {read: {hold: [~/.ssh]}}\n")}}));
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_THAT(for_cgroup_user(*policy, std::nullopt).error().message,
              HasSubstr("packs/k.yaml:3:23: '~/.ssh' needs to know the workload's user"));
}

TEST(WorkloadUser, ThePolicysUserComesBeforeTheCgroups) {
  const std::string login = login_of(::getuid());
  if (login.empty() || home_of(::getuid()) == "/") GTEST_SKIP() << "this user has no home";
  Policy policy = policy_of(kRules);
  policy.user = login;
  const Result<Policy> settled = for_cgroup_user(policy, 4'000'000'000u);
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->labels[0].places[0].path, home_of(::getuid()) + "/.ssh");
  policy.user = "nobody-of-this-name";
  EXPECT_EQ(for_cgroup_user(policy, ::getuid()).error().message,
            "p.yaml: there is no user 'nobody-of-this-name' on this host; correct 'user', or make "
            "the user");
  policy.user.clear();
  EXPECT_EQ(for_cgroup_user(policy, ::getuid())->labels[0].places[0].path,
            home_of(::getuid()) + "/.ssh");
  EXPECT_THAT(for_cgroup_user(policy, 4'000'000'000u).error().message,
              HasSubstr("uid 4000000000, whose the cgroup is, is not a user of this host"));
}

TEST(WorkloadUser, APolicyThatNamesNoUsersFilesNeedsNone) {
  EXPECT_TRUE(for_cgroup_user(policy_of("files: {default: hold}\n"), std::nullopt));
}

TEST(WorkloadUser, AHomeThatEverythingIsBelowIsRefused) {
  EXPECT_EQ(for_user(policy_of(kRules), {"/", 1}).error().message,
            "p.yaml: '~' cannot stand for the home directory '/'; write the paths in full");
  EXPECT_FALSE(for_user(policy_of(kRules), {"", 1}));
  EXPECT_FALSE(for_user(policy_of(kRules), {"/home/*", 1}));
}

}  // namespace
}  // namespace stayd
