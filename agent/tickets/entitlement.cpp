// SPDX-License-Identifier: Apache-2.0
#include "tickets/entitlement.h"

#include <algorithm>

#include "base/escape.h"

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

bool can_reach_quorum(const Approval& approval, const std::vector<Excluded>& excluded,
                      const People& people) {
  if (!people.has_file()) return true;
  std::vector<std::string> groups = approval.approvers;
  if (!groups.empty())
    for (const Escalation& each : approval.escalate)
      groups.insert(groups.end(), each.to.begin(), each.to.end());
  const std::vector<const Person*> members = people.members(groups);
  const auto able = std::ranges::count_if(
      members, [&](const Person* person) { return !is_excluded(excluded, person->id); });
  return able >= static_cast<std::ptrdiff_t>(approval.quorum);
}

}  // namespace stayd
