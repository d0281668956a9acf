// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/people.h"
#include "tickets/ticket.h"

namespace stayd {

// Whether the person behind the decision may answer the ticket; the error is for them. Nobody
// may who is excluded, under whichever account, or is in none of the groups that are asked.
Result<> may_answer(const Ticket& ticket, const Decision& decision, const People& people);

// Whether two decisions could be one human being's.
bool is_same_person(const Decision& a, const Decision& b);

// Whether so many different people could approve. The excluded count as nobody.
bool can_reach_quorum(const Approval& approval, const std::vector<Excluded>& excluded,
                      const People& people);

}  // namespace stayd
