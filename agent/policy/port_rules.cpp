// SPDX-License-Identifier: Apache-2.0
#include "policy/port_rules.h"

#include <algorithm>
#include <tuple>

namespace stayd {
namespace {

// Whatever port and protocol; rule 0 is the default.
stayd_port_rule catch_all(Verdict verdict) {
  return {0, 65535, 0, static_cast<std::uint8_t>(verdict), 0, 0};
}

bool covers(const stayd_port_rule& wide, const stayd_port_rule& narrow) {
  return wide.first <= narrow.first && narrow.last <= wide.last &&
         (wide.protocol == 0 || wide.protocol == narrow.protocol);
}

// `both` becomes `of` where `other` matches as well. False: they match nothing together.
bool intersect(const stayd_port_rule& of, const stayd_port_rule& other, stayd_port_rule& both) {
  if (of.protocol != 0 && other.protocol != 0 && of.protocol != other.protocol) return false;
  both = of;
  both.first = std::max(of.first, other.first);
  both.last = std::min(of.last, other.last);
  both.protocol = std::max(of.protocol, other.protocol);
  return both.first <= both.last;
}

// Where both match, the stricter of them. False: they match nothing together.
bool meet(const stayd_port_rule& own, const stayd_port_rule& other, stayd_port_rule& both) {
  // The rule of the default gives way to one that says the same.
  const bool theirs =
      other.verdict > own.verdict || (own.rule == 0 && other.verdict == own.verdict);
  return theirs ? intersect(other, own, both) : intersect(own, other, both);
}

void append(PortRules& rules, const stayd_port_rule& rule) {
  const auto hides = [&](const stayd_port_rule& before) { return covers(before, rule); };
  if (std::ranges::none_of(rules, hides)) rules.push_back(rule);
}

}  // namespace

stayd_port_rule port_rule(const Rule& rule, std::uint16_t first_port, std::uint16_t last_port,
                          std::uint8_t protocol) {
  return {first_port,
          last_port,
          protocol,
          static_cast<std::uint8_t>(rule.verdict),
          static_cast<std::uint16_t>(rule.id),
          0};
}

bool is_more_specific(const stayd_port_rule& a, const stayd_port_rule& b) {
  auto rank = [](const stayd_port_rule& rule) {
    return std::tuple(rule.last - rule.first, rule.protocol == 0, -rule.verdict, rule.rule);
  };
  return rank(a) < rank(b);
}

PortRules stricter_of(const PortRules& own, Verdict otherwise, const PortRules& other) {
  if (other.empty()) return own;
  PortRules all;
  PortRules each_own = own;
  each_own.push_back(catch_all(otherwise));
  for (const stayd_port_rule& rule : each_own) {
    // Those of `other` after the last that is stricter change nothing of what this rule says.
    std::size_t end = other.size();
    const auto changes = [&](const stayd_port_rule& theirs) {
      return theirs.verdict > rule.verdict || (rule.rule == 0 && theirs.verdict == rule.verdict);
    };
    while (end > 0 && !changes(other[end - 1])) --end;
    for (std::size_t i = 0; i < end; ++i)
      if (stayd_port_rule both{}; meet(rule, other[i], both)) append(all, both);
    // What is left to the default needs no rule.
    if (&rule != &each_own.back()) append(all, rule);
  }
  return all;
}

PortRules with_exception(const PortRules& rules, Verdict otherwise,
                         const stayd_port_rule& exception, std::uint16_t flows) {
  PortRules all;
  for (const stayd_port_rule& rule : rules) {
    if (stayd_port_rule both{}; intersect(rule, exception, both)) {
      both.exempt |= flows;
      append(all, both);
    }
    append(all, rule);
  }
  // What is left to the default needs a rule only here.
  if (stayd_port_rule both{}; intersect(catch_all(otherwise), exception, both)) {
    both.exempt = flows;
    append(all, both);
  }
  return all;
}

stayd_prefix bounded(const PortRules& rules) {
  stayd_prefix prefix{};
  if (rules.size() > STAYD_PORT_RULES) {
    prefix.count = 1;
    prefix.rules[0] = catch_all(Verdict::deny);
    return prefix;
  }
  for (const stayd_port_rule& rule : rules) prefix.rules[prefix.count++] = rule;
  return prefix;
}

}  // namespace stayd
