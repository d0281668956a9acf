// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/review.h"

// The parts of review(), each in a file of its own; for review.cpp only.
namespace stayd {

// The policy without the rules of its packs, which are somebody else's to improve; `with_trusted`:
// but with those of packs that it trusts.
Policy own_rules(Policy policy, bool with_trusted = false);

// Finds entries that are written as another tool would read them: calls, braces, variables, regular
// expressions.
std::vector<Remark> review_habits(const Policy& policy);

// Rules that no operation can meet, and rules that another one, or the default, always outdoes.
std::vector<Remark> review_losers(const Policy& policy);

// Entries of 'approval.for' that ask nobody; about the rules of packs, too.
std::vector<Remark> review_approvals(const Policy& policy);

// The rule as a message names it: quoted, without the places that a label stands for.
std::string short_text(const Rule& rule);

// "line 3", "lines 3, 5 and 9", "lines 3, 5, 9 and 12 more".
std::string lines_text(std::span<const Position> places);

}  // namespace stayd
