// SPDX-License-Identifier: Apache-2.0
#include "tickets/approvers.h"

#include <algorithm>

#include "base/escape.h"
#include "base/suggestion.h"
#include "base/yaml.h"

namespace stayd {
namespace {

bool is_excluded(const std::vector<Excluded>& excluded, const PersonId& person) {
  return std::ranges::any_of(excluded, [&](const Excluded& each) { return each.person == person; });
}

std::vector<PersonId> everybody(const Decision& decision) {
  std::vector<PersonId> people = decision.behind;
  people.push_back(decision.person);
  return people;
}

std::string listed(const std::vector<std::string>& groups) {
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : ", ") + group;
  return text;
}

}  // namespace

Result<> may_answer(const Ticket& ticket, const Decision& decision, const People& people) {
  for (const PersonId& person : everybody(decision))
    for (const Excluded& each : ticket.excluded)
      if (each.person == person)
        return Error{escape(people.name_of(person)) + " " + each.why + " and cannot answer for it"};
  if (!people.has_file()) return {};
  if (people.find(decision.person) == nullptr)
    return Error{escape(decision.name) + " is in no entry of people.yaml"};
  const bool asked = ticket.asked.empty() || std::ranges::any_of(ticket.asked, [&](const auto& g) {
                       return people.is_in(decision.person, g);
                     });
  if (asked) return {};
  return Error{escape(decision.name) + " is not among those asked (" + listed(ticket.asked) + ")"};
}

bool is_same_person(const Decision& a, const Decision& b) {
  const std::vector<PersonId> others = everybody(b);
  return std::ranges::any_of(everybody(a), [&](const PersonId& person) {
    return std::ranges::find(others, person) != others.end();
  });
}

std::vector<const Person*> who_may_answer(const Approval& approval,
                                          const std::vector<Excluded>& excluded,
                                          const People& people) {
  std::vector<std::string> groups = approval.approvers;
  if (!groups.empty())
    for (const Escalation& each : approval.escalate)
      groups.insert(groups.end(), each.to.begin(), each.to.end());
  std::vector<const Person*> members = people.members(groups);
  std::erase_if(members, [&](const Person* person) { return is_excluded(excluded, person->id); });
  return members;
}

namespace {

Result<> check_approval(const Approval& approval, const Policy& policy, const People& people,
                        const std::vector<Excluded>& owners) {
  std::vector<std::string> groups = approval.approvers;
  for (const Escalation& each : approval.escalate)
    groups.insert(groups.end(), each.to.begin(), each.to.end());
  for (const std::string& group : groups) {
    if (people.knows_group(group)) continue;
    const std::string what = "there is no group " + in_quotes(group) + " in people.yaml; ";
    return error_at(
        policy.file, approval.at,
        what + (people.groups().empty() ? "add it there" : suggest(group, people.groups())));
  }
  if (!people.has_file()) return {};
  const std::size_t able = who_may_answer(approval, owners, people).size();
  if (able >= approval.quorum) return {};
  return error_at(policy.file, approval.at,
                  "a quorum of " + std::to_string(approval.quorum) + ", but only " +
                      std::to_string(able) + " besides the owner can answer; name more people");
}

}  // namespace

Result<> check_people(const Policy& policy, const People& people,
                      const std::set<PersonId>& owners) {
  std::vector<Excluded> excluded;
  for (const PersonId& owner : owners) excluded.push_back({owner, ""});
  Result<> good = check_approval(policy.approval, policy, people, excluded);
  for (const ApprovalFor& each : policy.approval_for)
    if (good) good = check_approval(each.approval, policy, people, excluded);
  return good;
}

}  // namespace stayd
