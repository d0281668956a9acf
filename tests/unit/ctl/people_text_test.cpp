// SPDX-License-Identifier: Apache-2.0
#include "ctl/people_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/people.h"

namespace stayd {
namespace {

using testing::HasSubstr;

const NewAccount kAlice = {
    .id = "alice",
    .name = "Alice \"A\" Ng",
    .account = {"11111111-1111-4111-8111-111111111111", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"},
    .groups = {"stewards"}};

constexpr const char* kFile = R"(# who may answer
people:   # two
  bob:
    name: Bob
    accounts:
      - unix: 1001   # his login
groups:
  stewards: [bob]
)";

// What the file then says; fails if it is not right.
People read(const Result<std::string>& text) {
  EXPECT_TRUE(text) << text.error().message;
  Result<People> people = People::parse(text ? *text : "", "people.yaml",
                                        [](const std::string&) { return std::optional<uid_t>(); });
  EXPECT_TRUE(people) << people.error().message << "\n" << *text;
  return people ? *people : People::without_file();
}

TEST(PeopleText, SomebodyNewHasAnEntryAndIsInTheGroup) {
  const Result<std::string> text = with_account(kFile, "people.yaml", kAlice);
  const People people = read(text);
  EXPECT_EQ(people.person_of(kAlice.account), "alice");
  EXPECT_EQ(people.name_of("alice"), "Alice \"A\" Ng");
  EXPECT_TRUE(people.is_in("alice", "stewards"));
  EXPECT_TRUE(people.is_in("bob", "stewards"));
  EXPECT_THAT(*text, HasSubstr("# who may answer\npeople:   # two\n"));
  EXPECT_THAT(*text, HasSubstr("- unix: 1001   # his login\n"));
}

TEST(PeopleText, SomebodyWhoIsThereHasOneAccountMore) {
  NewAccount bob = kAlice;
  bob.id = "bob";
  const People people = read(with_account(kFile, "people.yaml", bob));
  EXPECT_EQ(people.size(), 1u);
  EXPECT_EQ(people.person_of(bob.account), "bob");
  EXPECT_EQ(people.person_of(UnixAccount{1001}), "bob");
  EXPECT_EQ(people.name_of("bob"), "Bob");
}

TEST(PeopleText, ANewFileAndNewGroupsAreMade) {
  const People people = read(with_account("", "people.yaml", kAlice));
  EXPECT_TRUE(people.is_in("alice", "stewards"));
  NewAccount other = kAlice;
  other.groups = {"oncall"};
  EXPECT_TRUE(read(with_account(kFile, "people.yaml", other)).is_in("alice", "oncall"));
}

TEST(PeopleText, GroupsMayBeListsOfLines) {
  const std::string file =
      "people:\n  bob:\n    accounts:\n    - unix: 1001\ngroups:\n  stewards:\n  - bob\n";
  const People people = read(with_account(file, "people.yaml", kAlice));
  EXPECT_TRUE(people.is_in("alice", "stewards"));
  EXPECT_TRUE(people.is_in("bob", "stewards"));
}

TEST(PeopleText, AnotherLayoutIsNotTouchedAndTheLinesAreSaid) {
  const Result<std::string> text =
      with_account("people: {bob: {accounts: [unix: 1001]}}\n", "people.yaml", kAlice);
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("write by hand:\n  alice:\n"));
  NewAccount bob = kAlice;
  bob.id = "bob";
  EXPECT_FALSE(with_account("people:\n  bob: {accounts: [unix: 1001]}\n", "people.yaml", bob));
}

TEST(PeopleText, SomebodyWhoIsRemovedLeavesTheirEntryAndEveryGroup) {
  const std::string file = R"(# who may answer
people:   # two
  alice:  # on call
    name: Alice
    # her laptop
    accounts:
      - unix: 1000

  # the stewards' lead
  bob:
    accounts: [unix: 1001]   # his login
groups:
  # they own the data
  stewards: [bob, alice]
  first: [alice, bob]   # in this order
  oncall:
  - alice
  - bob
  quoted: ["alice", bob]
)";
  const Result<std::string> text = without_person(file, "people.yaml", "alice");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, R"(# who may answer
people:   # two

  # the stewards' lead
  bob:
    accounts: [unix: 1001]   # his login
groups:
  # they own the data
  stewards: [bob]
  first: [bob]   # in this order
  oncall:
  - bob
  quoted: [bob]
)");
}

TEST(PeopleText, TheLastPersonAndTheLastMemberOfAGroupStay) {
  const Result<std::string> last =
      without_person("people:\n  bob:\n    accounts: [unix: 1]\n", "people.yaml", "bob");
  ASSERT_FALSE(last);
  EXPECT_THAT(last.error().message, HasSubstr("'bob' is the only person in people.yaml"));
  const std::string two =
      "people:\n  a: {accounts: [unix: 1]}\n  b: {accounts: [unix: 2]}\ngroups: {g: [a]}\n";
  const Result<std::string> member = without_person(two, "people.yaml", "a");
  ASSERT_FALSE(member);
  EXPECT_THAT(member.error().message, HasSubstr("'a' is the only member of the group 'g'"));
  const Result<std::string> other = without_person(two, "people.yaml", "b");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(*other, "people:\n  a: {accounts: [unix: 1]}\ngroups: {g: [a]}\n");
}

TEST(PeopleText, WhatCannotBeRemovedLineByLineIsLeftToHands) {
  for (const char* file :
       {"people: {a: {accounts: [unix: 1]}, b: {accounts: [unix: 2]}}\n",
        "people:\n  a: {accounts: [unix: 1\n   ]}\n  b: {accounts: [unix: 2]}\n",
        "people:\n  ? a\n  : {accounts: [unix: 1]}\n  b: {accounts: [unix: 2]}\n"}) {
    const Result<std::string> text = without_person(file, "people.yaml", "a");
    if (text) {
      const People people = read(text);
      EXPECT_EQ(people.size(), 1u) << file;
      continue;
    }
    EXPECT_THAT(text.error().message, HasSubstr("remove 'a' from it by hand"));
  }
  EXPECT_FALSE(without_person("people: {a: {accounts: [unix: 1]}, b: {accounts: [unix: 2]}}\n",
                              "people.yaml", "a"));
}

}  // namespace
}  // namespace stayd
