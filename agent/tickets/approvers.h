// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <vector>

#include "base/result.h"
#include "identity/people.h"
#include "tickets/ticket.h"

namespace stayd {

// True if the person who made the decision may answer the ticket; the error is for them. A person
// who is excluded, under whichever account, or is in none of the groups that are asked, may not.
Result<> may_answer(const Ticket& ticket, const Decision& decision, const People& people);

// True if two decisions could be one human being's.
bool is_same_person(const Decision& a, const Decision& b);

// Returns who could answer, now or after an escalation, by people.yaml; without one, nobody is
// listed.
std::vector<const Person*> who_may_answer(const Approval& approval,
                                          const std::vector<Excluded>& excluded,
                                          const People& people);

// True if the people that the policy asks exist, and are enough for its quorums without
// `owners`. The error says what to write.
Result<> check_people(const Policy& policy, const People& people, const std::set<PersonId>& owners);

}  // namespace stayd
