// SPDX-License-Identifier: Apache-2.0
#include "policy/review.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "policy/review_parts.h"
#include "policy/rule_reference.h"
#include "policy/tool_rule.h"
#include "policy/values.h"

namespace stayd {
namespace {

class Reviewer {
 public:
  explicit Reviewer(const Policy& policy) : policy_(own_rules(policy, true)) {}

  // `policy` is the one with the rules of its packs.
  std::vector<Remark> review(const Policy& policy) {
    look_for_rivals();
    look_at_labels();
    for (const NetworkRule& rule : policy_.network)
      if (rule.rule.source == 0) look_for_port(rule);
    for (std::vector<Remark> part :
         {review_habits(own_rules(policy)), review_losers(policy_), review_approvals(policy)})
      remarks_.insert(remarks_.end(), part.begin(), part.end());
    std::sort(remarks_.begin(), remarks_.end(), [](const Remark& a, const Remark& b) {
      return std::tie(a.at.line, a.at.column, a.text) < std::tie(b.at.line, b.at.column, b.text);
    });
    return std::move(remarks_);
  }

 private:
  // Nothing is remarked of packs, which are somebody else's to improve.
  void remark(Position at, std::string text, std::uint16_t source = 0) {
    if (source == 0) remarks_.push_back({at, std::move(text)});
  }

  // Rules about the very same thing: the strictest of them decides.
  void look_for_rivals() {
    for (const PathRule& rule : policy_.paths) {
      const std::string access = std::to_string(static_cast<int>(rule.access)) + " ";
      const Label& what = what_of(policy_, rule);
      for (const Place& place : what.places) note(access + place.path, rule.rule);
      for (const Pattern& pattern : what.patterns) note(access + pattern.glob, rule.rule);
    }
    for (const NetworkRule& rule : policy_.network) {
      const Destinations& to = rule.destinations;
      note(text_of(to.prefix) + ports(to.first_port, to.last_port, to.protocol), rule.rule);
    }
    for (const HostRule& rule : policy_.hosts)
      note((rule.below ? "*." : "") + rule.name +
               ports(rule.first_port, rule.last_port, rule.protocol),
           rule.rule);
    for (const AbstractSocketRule& rule : policy_.abstract_sockets)
      note("@" + rule.name, rule.rule);
    for (const OriginRule& rule : policy_.origins)
      note("origin " + std::to_string(rule.origin), rule.rule);
    for (const ContentRule& rule : policy_.contents)
      note("content " + std::string(rule.sha256.begin(), rule.sha256.end()), rule.rule);
    for (const ArgumentsRule& rule : policy_.arguments) note("arguments " + rule.glob, rule.rule);
    for (const ToolRule& rule : policy_.tools) note("tool " + written_form(rule), rule.rule);

    struct Loss {
      const Rule* winner = nullptr;
      std::size_t times = 0;
    };
    std::map<const Rule*, Loss> losses;
    for (const auto& [thing, rules] : rivals_) {
      const Rule* strictest =
          *std::max_element(rules.begin(), rules.end(),
                            [](const Rule* a, const Rule* b) { return a->verdict < b->verdict; });
      for (const Rule* rule : rules) {
        if (rule == strictest) continue;
        losses[rule].winner = strictest;
        ++losses[rule].times;
      }
    }
    for (const auto& [rule, loss] : losses) {
      if (loss.times < things_[rule]) continue;  // labels may overlap
      const std::string other =
          short_text(*loss.winner) +
          (loss.winner->source == 0 ? " in line " + std::to_string(loss.winner->at.line) : "");
      if (loss.winner->verdict == rule->verdict)
        remark(rule->at, short_text(*rule) + " says what " + other + " says; remove one",
               rule->source);
      else
        remark(rule->at,
               short_text(*rule) + " never decides: " + other +
                   " is as specific and stricter; remove one",
               rule->source);
    }
  }

  void note(std::string thing, const Rule& rule) {
    std::vector<const Rule*>& rules = rivals_[std::move(thing)];
    if (std::find(rules.begin(), rules.end(), &rule) != rules.end()) return;
    rules.push_back(&rule);
    ++things_[&rule];
  }

  static std::string text_of(const Prefix& prefix) {
    return std::string(prefix.address.begin(), prefix.address.end()) + "/" +
           std::to_string(prefix.bits);
  }
  static std::string ports(std::uint16_t first, std::uint16_t last, std::uint8_t protocol) {
    return " " + std::to_string(first) + "-" + std::to_string(last) + " " +
           std::to_string(protocol);
  }

  void look_at_labels() {
    std::set<std::size_t> used;
    for (const PathRule& rule : policy_.paths)
      if (rule.label) used.insert(*rule.label);
    for (const Flow& flow : policy_.flows) used.insert(flow.labels.begin(), flow.labels.end());
    for (std::size_t i = 0; i < policy_.labels.size(); ++i) {
      const Label& label = policy_.labels[i];
      if (used.contains(i) || label.source != 0) continue;
      const Position at =
          label.places.empty() ? label.patterns.front().at : label.places.front().at;
      remark(at, "no rule is about the label " + in_quotes(label.name) + "; add one, or remove it");
    }
  }

  // "2001:db8::1:443" is an address, and its port is not 443.
  void look_for_port(const NetworkRule& rule) {
    const Destinations& to = rule.destinations;
    const std::string written = rule.rule.text.substr(rule.rule.text.rfind(' ') + 1);
    const std::size_t colon = written.rfind(':');
    if (is_ipv4(to.prefix) || to.prefix.bits != 128 || written.find('[') != written.npos) return;
    const std::string address = written.substr(0, colon), group = written.substr(colon + 1);
    const bool number = group.size() > 1 && std::all_of(group.begin(), group.end(), [](char c) {
                          return c >= '0' && c <= '9';
                        });
    if (!number || !parse_destinations(address)) return;
    remark(rule.rule.at, in_quotes(written) + " is an address without a port; for port " + group +
                             " write \"[" + address + "]:" + group + "\"");
  }

  const Policy policy_;
  std::vector<Remark> remarks_;
  std::map<std::string, std::vector<const Rule*>> rivals_;
  std::map<const Rule*, std::size_t> things_;
};

}  // namespace

std::string short_text(const Rule& rule) { return in_quotes(without_entries(rule.text)); }

Policy own_rules(Policy policy, bool with_trusted) {
  const auto keep_own = [with_trusted](auto& rules) {
    std::erase_if(rules, [with_trusted](const auto& each) {
      return with_trusted ? each.rule.layer != 0 : each.rule.source != 0;
    });
  };
  keep_own(policy.network);
  keep_own(policy.hosts);
  keep_own(policy.paths);
  keep_own(policy.abstract_sockets);
  keep_own(policy.origins);
  keep_own(policy.contents);
  keep_own(policy.arguments);
  keep_own(policy.tools);
  keep_own(policy.flows);
  return policy;
}

std::vector<Remark> review(const Policy& policy) { return Reviewer(policy).review(policy); }

}  // namespace stayd
