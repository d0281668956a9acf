// SPDX-License-Identifier: Apache-2.0
#include "policy/explanation.h"

#include <algorithm>
#include <set>

#include "policy/glob.h"
#include "policy/precedence.h"
#include "policy/tool_rule.h"
#include "policy/values.h"

namespace stayd {
namespace {

std::string directories_up(std::size_t count) {
  if (count == 0) return "";
  return ", " + std::to_string(count) + (count == 1 ? " directory up" : " directories up");
}

// Returns how far above the file the place is; the number of its steps: it is not above it.
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

constexpr const char* kNewName = "the new name";
constexpr const char* kReplaced = "what is replaced";

// The part of an operation that one access to one file is.
struct Part {
  const FileFacts* file;
  Access access;
  const char* name;
};

class Explainer {
 public:
  Explainer(const Policy& policy, const Attempt& attempt, PathTree& tree,
            const std::vector<std::string>& touched, const RuleVerdict& rule_verdict)
      : policy_(policy),
        attempt_(attempt),
        tree_(tree),
        touched_(touched),
        rule_verdict_(rule_verdict) {}

  std::vector<Match> explain_all() {
    each(policy_.network, &Policy::network);
    each(policy_.hosts, &Policy::hosts);
    each(policy_.paths, &Policy::paths);
    each(policy_.abstract_sockets, &Policy::abstract_sockets);
    each(policy_.origins, &Policy::origins);
    each(policy_.contents, &Policy::contents);
    each(policy_.arguments, &Policy::arguments);
    each(policy_.tools, &Policy::tools);
    each(policy_.flows, &Policy::flows);
    settle(claims_, rule_verdict_.verdict);
    std::vector<Match> matches;
    for (RankedMatch& claim : claims_) matches.push_back(std::move(claim.match));
    std::sort(matches.begin(), matches.end(),
              [](const Match& a, const Match& b) { return a.rule.id < b.rule.id; });
    return matches;
  }

 private:
  template <class OneRule>
  void each(const std::vector<OneRule>& rules, std::vector<OneRule> Policy::*member) {
    for (const OneRule& rule : rules) {
      Policy alone = nothing_but_labels(rule);
      (alone.*member).push_back(rule);
      RankedMatch claim;
      if (!decides(alone, rule.rule, claim.part)) continue;
      claim.match = {rule.rule, "", wins(rule), "", file_of(policy_, rule.rule.source)};
      say_why(rule, claim);
      if (!claim.part.empty()) claim.match.why = claim.part + ": " + claim.match.why;
      claims_.push_back(std::move(claim));
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
    alone.network_default = alone.files_default = alone.exec_default = alone.unix_default = other;
    return alone;
  }

  // True if the rule decides where it is the only one, and of which part.
  bool decides(const Policy& alone, const Rule& rule, std::string& part) {
    Result<CompiledPolicy> compiled = compile(renumbered(alone), tree_.resolver());
    if (!compiled) return false;
    Attempt attempt = attempt_;
    Result<std::uint64_t> touched = touched_mask(policy_, *compiled, touched_);
    attempt.touched = touched ? *touched : 0;
    const RuleVerdict said{rule.verdict, 1};
    for (const Part& each : parts()) {
      part = each.name;
      if (judge_node(*compiled, with_globs(*compiled, walk(*compiled, *each.file), each.file->path),
                     each.access) == said)
        return true;
    }
    const bool link = attempt_.kind == Attempt::Kind::link;
    part = link || attempt_.kind == Attempt::Kind::rename ? "the file leaving its place" : "";
    const RuleVerdict found = decide(*compiled, attempt);
    // A link is denied where others hold; a tool rule in doubt holds.
    return found == said || ((link || !alone.tools.empty()) && found.rule == said.rule);
  }

  // Returns the parts that have to be allowed, each by itself, for the whole to be; none: it has no
  // parts.
  std::vector<Part> parts() const {
    if (attempt_.read && attempt_.write)
      return {{&attempt_.file, Access::read, "reading"},
              {&attempt_.file, Access::write, "writing"}};
    if (attempt_.kind == Attempt::Kind::link) return {{&attempt_.target, Access::create, kNewName}};
    if (attempt_.kind != Attempt::Kind::rename) return {};
    std::vector<Part> parts{{&attempt_.target, Access::create, kNewName},
                            {&attempt_.file, Access::rename, "the old name"}};
    if (attempt_.replaces) parts.push_back({&attempt_.target, Access::remove, kReplaced});
    return parts;
  }

  // Its only rule has the only number, and is the policy's own: so that an allowance shows, too.
  static Policy renumbered(Policy alone) {
    const auto first = [](auto& rules) {
      for (auto& rule : rules) {
        rule.rule.id = 1;
        rule.rule.layer = rule.rule.source = 0;
      }
    };
    first(alone.network);
    first(alone.hosts);
    first(alone.paths);
    first(alone.abstract_sockets);
    first(alone.origins);
    first(alone.contents);
    first(alone.arguments);
    first(alone.tools);
    first(alone.flows);
    return alone;
  }

  template <class OneRule>
  bool wins(const OneRule& rule) const {
    return rule.rule.id == rule_verdict_.rule;
  }
  bool wins(const Flow& flow) const {
    if (flow.rule.verdict != rule_verdict_.verdict) return false;
    return std::any_of(policy_.flows.begin(), policy_.flows.end(), [&](const Flow& first) {
      return first.rule.id == rule_verdict_.rule && are_one(first, flow);
    });
  }

  void say_why(const NetworkRule& rule, RankedMatch& claim) const {
    const Destinations& to = rule.destinations;
    const int bits = static_cast<int>(to.prefix.bits);
    claim.match.why = (bits == 128 ? "names the address"
                                   : "the address is in its /" +
                                         std::to_string(bits - (is_ipv4(to.prefix) ? 96 : 0))) +
                      ports(to.first_port, to.last_port, to.protocol);
    claim.rank = {128 - bits, to.last_port - to.first_port, to.protocol == 0};
  }
  void say_why(const HostRule& rule, RankedMatch& claim) const {
    const std::string why = rule.name.find('*') != rule.name.npos ? "the host's name matches"
                            : rule.below                          ? "the host is below " + rule.name
                                                                  : "names the host";
    claim.match.why = why + ports(rule.first_port, rule.last_port, rule.protocol);
    claim.rank = {rule.is_pattern() ? 129 : 0, rule.last_port - rule.first_port,
                  rule.protocol == 0};
  }
  static std::string ports(std::uint16_t first, std::uint16_t last, std::uint8_t protocol) {
    const int count = last - first + 1;
    std::string text;
    if (count <= 65535)
      text = count == 1 ? ", and the port" : ", and " + std::to_string(count) + " ports";
    return protocol == 0 ? text : text + ", and the protocol";
  }
  static void say_why(const AbstractSocketRule&, RankedMatch& claim) {
    claim.match.why = "names the socket";
  }
  static void say_why(const ContentRule&, RankedMatch& claim) {
    claim.match.why = "names the program's content";
    claim.rank = {-1, 0, 0};
  }
  static void say_why(const ArgumentsRule&, RankedMatch& claim) {
    claim.match.why = "the arguments match";
    claim.only_stricter = true;
  }
  void say_why(const ToolRule& rule, RankedMatch& claim) const {
    claim.only_stricter = true;
    const ProgramFacts& program = attempt_.program;
    const Invocations line = take_apart(program.path, program.arguments, program.arguments_cut);
    const ToolMatch found = match(rule, line, program.looks_ahead);
    const std::vector<std::string>& names = line.commands[found.command].names;
    const std::string tool = names.empty() ? "a program" : names.front();
    if (!found.unclear.empty())
      claim.match.why = "the script cannot be taken apart: " + std::string(found.unclear);
    else if (found.later)
      claim.match.why = "the words of " + tool + " match, which is judged once it is started";
    else
      claim.match.why = "the words of " + tool + " match";
    if (found.certainty == Certainty::perhaps) claim.match.why += ", perhaps: in doubt it holds";
  }
  void say_why(const Flow& flow, RankedMatch& claim) const {
    for (std::size_t label : flow.labels) {
      const std::string& name = policy_.labels[label].name;
      const auto is_it = [&](const std::string& read) {
        const Result<LabelRead> parsed = parse_label_read(read);
        return parsed && parsed->label == name;
      };
      if (std::ranges::none_of(touched_, is_it)) continue;
      claim.match.why += (claim.match.why.empty() ? "" : ", ") + name;
    }
    claim.match.why += " was read";
    if (flow.files > 1) claim.match.why += ", " + std::to_string(flow.files) + " files of it";
    claim.only_stricter = true;
  }
  static void say_why(const OriginRule& rule, RankedMatch& claim) {
    claim.only_stricter = true;
    if (rule.origin == STAYD_ORIGIN_MEMFD)
      claim.match.why = "the program never had a name";
    else if (rule.origin == STAYD_ORIGIN_DELETED)
      claim.match.why = "the program has no name any more";
    else
      claim.match.why = "others than root can write the program, and no rule names its place";
  }

  void say_why(const PathRule& rule, RankedMatch& claim) {
    const Label& what = what_of(policy_, rule);
    claim.match.why = "names it";
    const bool there = claim.part == kNewName || claim.part == kReplaced;
    const FileFacts& file = there ? attempt_.target : attempt_.file;
    const Place* nearest = nullptr;
    std::size_t best = file.steps.size();
    for (const Place& place : what.places) {
      const std::size_t steps = distance(file, place, tree_);
      if (steps >= best) continue;
      best = steps;
      nearest = &place;
    }
    if (nearest) {
      claim.match.why = "names " + nearest->path + directories_up(best);
      claim.rank = {static_cast<int>(best), 0, 0};
      return;
    }
    for (const Pattern& pattern : what.patterns) {
      if (file.path.empty() || !matches_path(pattern.glob, file.path)) continue;
      claim.match.why = pattern.glob + " matches";
      claim.only_stricter = true;
      return;
    }
  }

  const Policy& policy_;
  const Attempt& attempt_;
  PathTree& tree_;
  const std::vector<std::string>& touched_;
  const RuleVerdict rule_verdict_;
  std::vector<RankedMatch> claims_;
};

Verdict default_of(const Policy& policy, Attempt::Kind kind) {
  if (kind == Attempt::Kind::unix_socket) return policy.unix_default;
  if (kind == Attempt::Kind::network) return policy.network_default;
  return kind == Attempt::Kind::exec ? policy.exec_default : policy.files_default;
}

}  // namespace

Result<Explanation> explain(const Policy& policy, Attempt attempt, PathTree& tree,
                            const std::vector<std::string>& touched) {
  Result<CompiledPolicy> compiled = compile(policy, tree.resolver());
  if (!compiled) return compiled.error();
  Result<std::uint64_t> mask = touched_mask(policy, *compiled, touched);
  if (!mask) return mask.error();
  attempt.touched = *mask;
  Explanation explanation;
  explanation.rule_verdict = decide(*compiled, attempt);
  explanation.rule = rule_text(*compiled, attempt.kind, explanation.rule_verdict);
  explanation.rule_class = compiled->rules[explanation.rule_verdict.rule].rule_class;
  explanation.otherwise = default_of(policy, attempt.kind);
  explanation.matches =
      Explainer(policy, attempt, tree, touched, explanation.rule_verdict).explain_all();
  return explanation;
}

}  // namespace stayd
