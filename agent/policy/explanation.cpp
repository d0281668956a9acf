// SPDX-License-Identifier: Apache-2.0
#include "policy/explanation.h"

#include <algorithm>
#include <set>

#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr const char* kStricterOnly = "; can only make stricter";

std::string directories_up(std::size_t count) {
  if (count == 0) return "";
  return ", " + std::to_string(count) + (count == 1 ? " directory up" : " directories up");
}

// How far above the file the place is; its steps' count: it is not.
std::size_t distance(const FileFacts& file, const Place& place, PathTree& tree) {
  const Located located = tree.locate(place.path);
  const std::string name = place.path.substr(place.path.rfind('/') + 1);
  for (std::size_t i = 0; i < file.steps.size(); ++i) {
    if (file.steps[i].identity == located.identities.front()) return i;
    // A new name has no identity; its directory and name say which it is.
    const bool is_new = file.steps[i].identity == Identity{};
    if (is_new && i + 1 < file.steps.size() && !located.components.empty() &&
        located.components.back().entry ==
            DirectoryEntry{file.steps[i + 1].identity, file.steps[i].name})
      return i;
  }
  return file.steps.size();
}

class Explainer {
 public:
  Explainer(const Policy& policy, const Attempt& attempt, PathTree& tree, Explanation& explanation)
      : policy_(policy), attempt_(attempt), tree_(tree), explanation_(explanation) {}

  void explain_all() {
    each(policy_.network, &Policy::network, [&](const NetworkRule& rule) { return why(rule); });
    each(policy_.hosts, &Policy::hosts, [&](const HostRule& rule) { return why(rule); });
    each(policy_.paths, &Policy::paths, [&](const PathRule& rule) { return why(rule); });
    each(policy_.abstract_sockets, &Policy::abstract_sockets,
         [](const AbstractSocketRule&) { return std::string("names the socket"); });
    each(policy_.origins, &Policy::origins, [](const OriginRule& rule) { return why(rule); });
    each(policy_.contents, &Policy::contents,
         [](const ContentRule&) { return std::string("names the program's content"); });
    each(policy_.arguments, &Policy::arguments,
         [](const ArgumentsRule&) { return std::string("the arguments match") + kStricterOnly; });
    each(policy_.flows, &Policy::flows,
         [](const Flow&) { return std::string("a label of it was read") + kStricterOnly; });
    std::sort(explanation_.matches.begin(), explanation_.matches.end(),
              [](const Match& a, const Match& b) { return a.rule.id < b.rule.id; });
  }

  void set_touched(const std::vector<std::string>& touched) { touched_ = touched; }

 private:
  template <class OneRule, class Why>
  void each(const std::vector<OneRule>& rules, std::vector<OneRule> Policy::*member, Why why_of) {
    for (const OneRule& rule : rules) {
      Policy alone = nothing_but_labels(rule);
      (alone.*member).push_back(rule);
      if (!decides(alone, rule.rule)) continue;
      explanation_.matches.push_back({rule.rule, why_of(rule), wins(rule)});
    }
  }

  // Rule's labels keep their places in the list.
  template <class OneRule>
  Policy nothing_but_labels(const OneRule& rule) const {
    Policy alone;
    alone.labels.resize(policy_.labels.size());
    const auto keep = [&](std::size_t label) { alone.labels[label] = policy_.labels[label]; };
    if constexpr (std::is_same_v<OneRule, PathRule>)
      if (rule.label) keep(*rule.label);
    if constexpr (std::is_same_v<OneRule, Flow>)
      for (std::size_t label : rule.labels) keep(label);
    // So that the rule says something else than the default.
    const Verdict other = rule.rule.verdict == Verdict::allow ? Verdict::deny : Verdict::allow;
    alone.network_default = alone.files_default = alone.exec_default = other;
    return alone;
  }

  // Whether the rule decides where it is the only one.
  bool decides(const Policy& alone, const Rule& rule) {
    Result<CompiledPolicy> compiled = compile(renumbered(alone), tree_.resolver());
    if (!compiled) return false;
    Attempt attempt = attempt_;
    Result<std::uint64_t> touched = touched_mask(policy_, *compiled, touched_);
    attempt.touched = touched ? *touched : 0;
    const Judgement said{rule.verdict, 1};
    if (decide(*compiled, attempt) == said) return true;
    for (const auto& [file, access] : parts())
      if (judge_node(*compiled, with_globs(*compiled, walk(*compiled, *file), file->path),
                     access) == said)
        return true;
    return false;
  }

  // What has to be allowed, each by itself, for the whole to be.
  std::vector<std::pair<const FileFacts*, Access>> parts() const {
    std::vector<std::pair<const FileFacts*, Access>> parts;
    if (attempt_.read) parts.emplace_back(&attempt_.file, Access::read);
    if (attempt_.write) parts.emplace_back(&attempt_.file, Access::write);
    if (attempt_.kind != Attempt::Kind::rename) return parts;
    parts.emplace_back(&attempt_.file, Access::rename);
    parts.emplace_back(&attempt_.target, Access::create);
    if (attempt_.replaces) parts.emplace_back(&attempt_.target, Access::remove);
    return parts;
  }

  // Its only rule has the only number.
  static Policy renumbered(Policy alone) {
    const auto first = [](auto& rules) {
      for (auto& rule : rules) rule.rule.id = 1;
    };
    first(alone.network);
    first(alone.hosts);
    first(alone.paths);
    first(alone.abstract_sockets);
    first(alone.origins);
    first(alone.contents);
    first(alone.arguments);
    first(alone.flows);
    return alone;
  }

  template <class OneRule>
  bool wins(const OneRule& rule) const {
    return rule.rule.id == explanation_.judgement.rule;
  }
  // Flows after the same labels are compiled into one.
  bool wins(const Flow& flow) const {
    const auto labels = [](const Flow& each) {
      return std::set<std::size_t>(each.labels.begin(), each.labels.end());
    };
    if (flow.rule.verdict != explanation_.judgement.verdict) return false;
    return std::any_of(policy_.flows.begin(), policy_.flows.end(), [&](const Flow& first) {
      return first.rule.id == explanation_.judgement.rule && labels(first) == labels(flow);
    });
  }

  std::string why(const NetworkRule& rule) const {
    const Destinations& to = rule.destinations;
    const std::uint32_t bits = to.prefix.bits - (is_ipv4(to.prefix) ? 96 : 0);
    std::string text = to.prefix.bits == 128 ? "names the address"
                                             : "the address is in its /" + std::to_string(bits);
    return text + ports(to.first_port, to.last_port, to.protocol);
  }
  std::string why(const HostRule& rule) const {
    const std::string text = rule.below ? "the host is below " + rule.name : "names the host";
    return text + ports(rule.first_port, rule.last_port, rule.protocol);
  }
  static std::string ports(std::uint16_t first, std::uint16_t last, std::uint8_t protocol) {
    const int count = last - first + 1;
    std::string text;
    if (count <= 65535)
      text = count == 1 ? " and the port" : " and " + std::to_string(count) + " ports";
    return protocol == 0 ? text : text + " and the protocol";
  }
  static std::string why(const OriginRule& rule) {
    if (rule.origin == STAYD_ORIGIN_MEMFD)
      return std::string("the program never had a name") + kStricterOnly;
    if (rule.origin == STAYD_ORIGIN_DELETED)
      return std::string("the program has no name any more") + kStricterOnly;
    return "others than root can write the program; counts where no rule names its place";
  }

  std::string why(const PathRule& rule) {
    const Label& what = what_of(policy_, rule);
    for (const FileFacts* file : {&attempt_.file, &attempt_.target}) {
      const Place* nearest = nullptr;
      std::size_t best = file->steps.size();
      for (const Place& place : what.places) {
        const std::size_t steps = distance(*file, place, tree_);
        if (steps >= best) continue;
        best = steps;
        nearest = &place;
      }
      if (nearest) return "names " + nearest->path + directories_up(best);
      for (const Pattern& pattern : what.patterns)
        if (!file->path.empty() && matches_path(pattern.glob, file->path))
          return pattern.glob + " matches" + kStricterOnly;
    }
    return "names it";
  }

  const Policy& policy_;
  const Attempt& attempt_;
  PathTree& tree_;
  Explanation& explanation_;
  std::vector<std::string> touched_;
};

}  // namespace

Result<Explanation> explain(const Policy& policy, Attempt attempt, PathTree& tree,
                            const std::vector<std::string>& touched) {
  Result<CompiledPolicy> compiled = compile(policy, tree.resolver());
  if (!compiled) return compiled.error();
  Result<std::uint64_t> mask = touched_mask(policy, *compiled, touched);
  if (!mask) return mask.error();
  attempt.touched = *mask;
  Explanation explanation;
  explanation.judgement = decide(*compiled, attempt);
  explanation.rule = compiled->rules[explanation.judgement.rule];
  Explainer explainer(policy, attempt, tree, explanation);
  explainer.set_touched(touched);
  explainer.explain_all();
  return explanation;
}

}  // namespace stayd
