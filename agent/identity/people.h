// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/account.h"

namespace stayd {

// Names one human being, whatever account they use: the key of their entry in people.yaml, or
// "unix:1000" for a user of this host who has none. Quorum and self-approval count these.
using PersonId = std::string;

struct Person {
  PersonId id;
  std::string name;   // shown to others; the id if there is none
  std::string email;  // only to recognise a policy's owner; empty: unknown
  std::vector<Account> accounts;
};

// The people who may answer, and their accounts. A value: nothing changes after it was made.
//
//   people:
//     alice:
//       name: Alice Ng
//       email: alice@example.com
//       accounts:
//         - unix: alice                          # a login of this host, or a uid
//         - teams: {tenant: GUID, object: GUID}
//         - slack: {team: T012, user: U034}
//         - oidc: {issuer: "https://id.example.com", subject: "00u1"}
//   groups:
//     data-stewards: [alice, bob]
class People {
 public:
  // The people where there is no file: every user of this host who may use the socket is a person,
  // and there are no groups.
  static People without_file() { return People(); }

  // The uid of a login, base/users.h; nothing if this host has none.
  using LoginToUid = std::function<std::optional<uid_t>(const std::string& login)>;
  // Strict: the error has file, line and column, and says what to write.
  static Result<People> parse(std::string_view text, std::string_view file_name,
                              const LoginToUid& uid_of);

  bool has_file() const { return has_file_; }
  std::size_t size() const { return people_.size(); }
  // The person of an entry, or a user of this host where there is no file. Nothing: an unknown
  // account.
  std::optional<PersonId> person_of(const Account& account) const;
  // The person whose account this is, entitled or not: for those who must not answer. A user
  // of this host without an entry is a person of their own here, too.
  PersonId person_behind(uid_t uid) const;
  // By id, by e-mail address, or by login: whom a policy calls its owner. The part before
  // the '@' counts as a login, too, so that an owner without an entry is recognised.
  std::set<PersonId> owners(std::string_view owner, const LoginToUid& uid_of) const;

  const Person* find(const PersonId& id) const;   // nullptr: has no entry
  std::string name_of(const PersonId& id) const;  // as given; escape to show
  bool knows_group(const std::string& group) const { return groups_.contains(group); }
  std::vector<std::string_view> groups() const;  // names, valid while this is
  bool is_in(const PersonId& person, const std::string& group) const;
  // Everybody in one of the groups; in any entry if none is given.
  std::vector<const Person*> members(const std::vector<std::string>& groups) const;

 private:
  friend class PeopleReader;

  bool has_file_ = false;
  std::map<PersonId, Person> people_;
  std::map<Account, PersonId> accounts_;
  std::map<std::string, std::set<PersonId>> groups_;
};

// From a file that only its owner, root or this user, can write: whoever can write it can name
// themselves. A file that is not there gives People::without_file().
Result<People> load_people(const std::string& path);

}  // namespace stayd
