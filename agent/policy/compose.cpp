// SPDX-License-Identifier: Apache-2.0
// A policy and the packs that it uses become one.
#include <iterator>
#include <utility>

#include "policy/pack.h"

namespace stayd {
namespace {

// Gives a pack's rules their place among those of the policy.
class RuleMover {
 public:
  RuleMover(Policy& policy, std::uint16_t source, std::size_t first_label)
      : policy_(policy),
        source_(source),
        layer_(policy.packs[source - 1].trusted ? 0 : source),
        first_id_(static_cast<std::uint32_t>(count_rules(policy))),
        first_label_(first_label) {}

  template <class OneRule>
  void move(std::vector<OneRule>& rules, std::vector<OneRule> Policy::*into) {
    for (OneRule& rule : rules) {
      rule.rule.id += first_id_;
      rule.rule.source = source_;
      rule.rule.layer = layer_;
      relate(rule);
      (policy_.*into).push_back(std::move(rule));
    }
  }

 private:
  template <class OneRule>
  void relate(OneRule&) const {}
  void relate(PathRule& rule) const {
    if (rule.label) *rule.label += first_label_;
    rule.what.source = source_;
  }
  void relate(Flow& flow) const {
    for (std::size_t& label : flow.labels) label += first_label_;
  }

  Policy& policy_;
  const std::uint16_t source_;
  const std::uint16_t layer_;
  const std::uint32_t first_id_;
  const std::size_t first_label_;
};

}  // namespace

void add_labels(const PackParts& parts, Policy& policy) {
  policy.packs = parts.packs;
  for (std::size_t i = 0; i < parts.packs.size(); ++i) {
    for (Label label : parts.rules[i].labels) {
      label.name = parts.packs[i].name + "/" + label.name;
      label.source = static_cast<std::uint16_t>(i + 1);
      policy.labels.push_back(std::move(label));
    }
  }
}

void add_rules(PackParts parts, Policy& policy) {
  std::size_t first_label = 0;
  for (std::size_t i = 0; i < parts.rules.size(); ++i) {
    Policy& pack = parts.rules[i];
    RuleMover mover(policy, static_cast<std::uint16_t>(i + 1), first_label);
    mover.move(pack.network, &Policy::network);
    mover.move(pack.hosts, &Policy::hosts);
    mover.move(pack.paths, &Policy::paths);
    mover.move(pack.abstract_sockets, &Policy::abstract_sockets);
    mover.move(pack.origins, &Policy::origins);
    mover.move(pack.contents, &Policy::contents);
    mover.move(pack.arguments, &Policy::arguments);
    mover.move(pack.tools, &Policy::tools);
    mover.move(pack.flows, &Policy::flows);
    first_label += pack.labels.size();
  }
}

}  // namespace stayd
