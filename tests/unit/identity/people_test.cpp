// SPDX-License-Identifier: Apache-2.0
#include "identity/people.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

constexpr const char* kTenant = "11111111-1111-4111-8111-111111111111";

std::optional<uid_t> a_host(const std::string& login) {
  if (login == "alice") return 1000;
  if (login == "bob") return 1001;
  return std::nullopt;
}

Result<People> parse(const std::string& text) { return People::parse(text, "p.yaml", a_host); }
People people(const std::string& text) {
  Result<People> parsed = parse(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : People::without_file();
}
std::string complaint(const std::string& text) {
  Result<People> parsed = parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

const std::string kTwo =
    "people:\n"
    "  alice:\n"
    "    name: Alice Ng\n"
    "    email: alice@example.com\n"
    "    accounts:\n"
    "      - unix: alice\n"
    "      - teams: {tenant: 11111111-1111-4111-8111-111111111111,\n"
    "                object: AAAAAAAA-aaaa-4aaa-8aaa-AAAAAAAAAAAA}\n"
    "  bob: {accounts: [unix: 1001, slack: {team: T1, user: U1},\n"
    "                   oidc: {issuer: \"https://id.example.com\", subject: s}]}\n"
    "groups:\n"
    "  stewards: [alice, bob]\n"
    "  oncall: [bob]\n";

TEST(People, OnePersonIsFoundThroughEveryAccount) {
  const People known = people(kTwo);
  EXPECT_EQ(known.person_of(UnixAccount{1000}), "alice");
  EXPECT_EQ(known.person_of(TeamsAccount{kTenant, "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}),
            "alice");
  EXPECT_EQ(known.person_of(SlackAccount{"T1", "U1"}), "bob");
  EXPECT_EQ(known.person_of(OidcAccount{"https://id.example.com", "s"}), "bob");
  EXPECT_EQ(known.name_of("alice"), "Alice Ng");
  EXPECT_EQ(known.name_of("bob"), "bob");
}

TEST(People, WhoIsInNoEntryIsNobodyAndThatIncludesRoot) {
  const People known = people(kTwo);
  EXPECT_EQ(known.person_of(UnixAccount{0}), std::nullopt);
  EXPECT_EQ(known.person_of(TeamsAccount{kTenant, kTenant}), std::nullopt);
  EXPECT_EQ(known.person_behind(0), "unix:0");
}

TEST(People, WithoutAFileUsersOfTheHostAreThemselvesAndNobodyElseIs) {
  const People known = People::without_file();
  EXPECT_EQ(known.person_of(UnixAccount{1000}), "unix:1000");
  EXPECT_EQ(known.person_of(SlackAccount{"T1", "U1"}), std::nullopt);
  EXPECT_TRUE(known.members({}).empty());
}

TEST(People, GroupsHaveMembersAndTheWholeFileIsOneWithoutAName) {
  const People known = people(kTwo);
  EXPECT_TRUE(known.is_in("bob", "oncall"));
  EXPECT_FALSE(known.is_in("alice", "oncall"));
  EXPECT_FALSE(known.is_in("alice", "nothing"));
  EXPECT_EQ(known.members({"oncall"}).size(), 1u);
  EXPECT_EQ(known.members({"oncall", "stewards"}).size(), 2u);
  EXPECT_EQ(known.members({}).size(), 2u);
}

TEST(People, AnOwnerIsRecognisedByIdMailAndLogin) {
  const People known = people(kTwo);
  EXPECT_EQ(known.owners("alice@example.com", a_host), std::set<PersonId>{"alice"});
  EXPECT_EQ(known.owners("alice", a_host), std::set<PersonId>{"alice"});
  EXPECT_EQ(known.owners("bob@elsewhere.example", a_host), std::set<PersonId>{"bob"});
  EXPECT_TRUE(known.owners("", a_host).empty());
  EXPECT_EQ(People::without_file().owners("alice@x.example", a_host),
            std::set<PersonId>{"unix:1000"});
}

TEST(People, EveryMistakeIsNamedWithItsPlaceAndWhatToDo) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"peeple: {}", "p.yaml:1:1: unknown key 'peeple'; did you mean 'people'?"},
      {"people: {al:ice: {accounts: [unix: 1]}}",
       "p.yaml:1:10: bad id 'al:ice'; write at most 64 "
       "letters, digits, '.', '_' or '-'"},
      {"people:\n  a: {accounts: []}",
       "p.yaml:2:3: 'a' has no account; add '- unix: LOGIN' to 'accounts'"},
      {"people:\n  a: {accounts: [unix: nobody-here]}",
       "p.yaml:2:24: this host has no user 'nobody-here'; write a login or a uid"},
      {"people:\n  a: {accounts: [teams: {tenant: x, object: y}]}",
       "p.yaml:2:34: 'x' is not an id; write xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, hexadecimal"},
      {"people:\n  a: {accounts: [unix: 1]}\n  b: {accounts: [unix: 1]}",
       "p.yaml:3:18: unix:1 is an account of 'a' already; an account belongs to one person"},
      {"people:\n  alice: {accounts: [unix: 1]}\ngroups: {g: [alise]}",
       "p.yaml:3:14: 'alise' is nobody in 'people'; did you mean 'alice'?"},
      {"people:\n  a: {accounts: [unix: 1]}\ngroups: {g: []}",
       "p.yaml:3:10: nobody is in 'g'; list people, or remove it"},
      {"people:\n  a: {accounts: [{unix: 1, slack: {team: T, user: U}}]}",
       "p.yaml:2:18: an account is one thing; write one '- unix: ...', '- teams: ...', "
       "'- slack: ...' or '- oidc: ...' per line"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(complaint(text), message) << text;
}

}  // namespace
}  // namespace stayd
