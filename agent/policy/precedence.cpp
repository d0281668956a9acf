// SPDX-License-Identifier: Apache-2.0
#include "policy/precedence.h"

#include <algorithm>

namespace stayd {
namespace {

std::string line(const RankedMatch& claim) {
  const std::string number = std::to_string(claim.match.rule.at.line);
  if (claim.match.rule.source == 0) return "line " + number;
  return claim.match.file.substr(claim.match.file.rfind('/') + 1) + ":" + number;
}

// The most specific rule of the same layer about the same part of the operation, the stricter
// between equals; itself, if that is it. nullptr: there are only those that make stricter.
const RankedMatch* most_specific(const std::vector<RankedMatch>& claims, const RankedMatch& of) {
  const RankedMatch* best = nullptr;
  for (const RankedMatch& each : claims) {
    if (each.only_stricter || each.part != of.part) continue;
    if (each.match.rule.layer != of.match.rule.layer) continue;
    if (!best || each.rank < best->rank ||
        (each.rank == best->rank && each.match.rule.verdict > best->match.rule.verdict))
      best = &each;
  }
  return best;
}

std::string of_winner(const std::vector<RankedMatch>& claims, const RankedMatch& claim) {
  if (claims.size() == 1)
    return claim.only_stricter ? "stricter than the default" : "the only rule";
  if (claim.only_stricter) {
    const RankedMatch* first = most_specific(claims, claim);
    return "stricter than " + (first ? line(*first) : std::string("the default"));
  }
  const auto other_layer = [&](const RankedMatch& each) {
    return !each.only_stricter && each.match.rule.layer != claim.match.rule.layer;
  };
  if (std::any_of(claims.begin(), claims.end(), other_layer))
    return "the strictest of the policy and its packs";
  const auto other_part = [&](const RankedMatch& each) { return each.part != claim.part; };
  if (std::any_of(claims.begin(), claims.end(), other_part))
    return "the strictest of what has to be allowed";
  const auto equal = [&](const RankedMatch& each) {
    return &each != &claim && !each.only_stricter && each.rank == claim.rank;
  };
  return std::any_of(claims.begin(), claims.end(), equal) ? "the strictest of the most specific"
                                                          : "the most specific";
}

std::string of_loser(const std::vector<RankedMatch>& claims, const RankedMatch& claim,
                     Verdict decided) {
  const Verdict verdict = claim.match.rule.verdict;
  // A flow or a pattern always counts: this is about programs that others can write.
  if (claim.only_stricter && verdict > decided) return "a rule names the program's place";
  if (claim.only_stricter) return verdict == decided ? "no stricter than that" : "less strict";
  const RankedMatch* first = most_specific(claims, claim);
  if (first != &claim) {
    if (first->rank < claim.rank) return "less specific than " + line(*first);
    return first->match.rule.verdict == verdict
               ? "says the same as " + line(*first)
               : "as specific as " + line(*first) + " and less strict";
  }
  if (verdict > decided) return "the new place is as strict";
  return verdict == decided ? "no stricter than that" : "less strict";
}

}  // namespace

void settle(std::vector<RankedMatch>& claims, Verdict decided) {
  for (RankedMatch& claim : claims)
    claim.match.standing =
        claim.match.wins ? of_winner(claims, claim) : of_loser(claims, claim, decided);
}

}  // namespace stayd
