// SPDX-License-Identifier: Apache-2.0
#include "identity/people.h"

namespace stayd {

std::optional<PersonId> People::person_of(const Account& account) const {
  if (const auto known = accounts_.find(account); known != accounts_.end()) return known->second;
  const auto* unix_account = std::get_if<UnixAccount>(&account);
  if (has_file_ || unix_account == nullptr) return std::nullopt;
  return person_behind(unix_account->uid);
}

PersonId People::person_behind(uid_t uid) const {
  const Account account = UnixAccount{uid};
  const auto known = accounts_.find(account);
  return known == accounts_.end() ? to_string(account) : known->second;
}

std::set<PersonId> People::owners(std::string_view owner, const LoginToUid& uid_of) const {
  std::set<PersonId> found;
  if (owner.empty()) return found;
  const std::string whole(owner);
  const std::string login = whole.substr(0, whole.find('@'));
  for (const auto& [id, person] : people_)
    if (id == whole || id == login || person.email == whole) found.insert(id);
  if (const std::optional<uid_t> uid = uid_of(login)) found.insert(person_behind(*uid));
  return found;
}

const Person* People::find(const PersonId& id) const {
  const auto known = people_.find(id);
  return known == people_.end() ? nullptr : &known->second;
}

std::string People::name_of(const PersonId& id) const {
  const Person* person = find(id);
  return person != nullptr && !person->name.empty() ? person->name : id;
}

std::vector<std::string_view> People::groups() const {
  std::vector<std::string_view> names;
  for (const auto& [name, members] : groups_) names.push_back(name);
  return names;
}

bool People::is_in(const PersonId& person, const std::string& group) const {
  const auto known = groups_.find(group);
  return known != groups_.end() && known->second.contains(person);
}

std::vector<const Person*> People::members(const std::vector<std::string>& groups) const {
  std::vector<const Person*> found;
  for (const auto& [id, person] : people_) {
    bool member = groups.empty();
    for (const std::string& group : groups) member = member || is_in(id, group);
    if (member) found.push_back(&person);
  }
  return found;
}

}  // namespace stayd
