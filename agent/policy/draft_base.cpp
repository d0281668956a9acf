// SPDX-License-Identifier: Apache-2.0
#include "policy/draft_base.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "policy/glob.h"
#include "policy/parser.h"
#include "policy/values.h"

namespace stayd {
namespace {

// A rule of a pack that counts as the policy's own, and names every place.
bool is_catch_all(const Policy& policy, const PathRule& rule) {
  if (rule.rule.source == 0 || rule.rule.layer != 0) return false;
  const Label& what = what_of(policy, rule);
  return std::ranges::any_of(what.places, [](const Place& place) { return place.path == "/"; });
}

bool says_all(const Policy& policy) {
  return std::ranges::any_of(policy.paths, [&](const PathRule& rule) {
    return rule.access == Access::write && rule.rule.verdict >= Verdict::hold &&
           is_catch_all(policy, rule);
  });
}

// Rules keep their numbers.
Policy without_catch_all(Policy policy) {
  policy.network_default = policy.files_default = policy.exec_default = Verdict::allow;
  for (PathRule& rule : policy.paths)
    if (is_catch_all(policy, rule)) rule.rule.verdict = Verdict::allow;
  return policy;
}

bool is_at(Position a, Position b) { return a.line == b.line && a.column == b.column; }

const YamlNode* find_at(const YamlNode& node, Position at) {
  const auto in = [&](const YamlNode& each) -> const YamlNode* {
    if (is_at(each.at, at)) return &each;
    return find_at(each, at);
  };
  for (const YamlNode& each : node.items)
    if (const YamlNode* found = in(each)) return found;
  for (const YamlEntry& each : node.entries)
    if (const YamlNode* found = in(each.value)) return found;
  return nullptr;
}

}  // namespace

RuleVerdict DraftJudge::judge(Attempt attempt, bool off_host) const {
  const auto fill = [&](FileFacts& facts, bool is_new) {
    if (facts.path.empty()) return;
    if (off_host) return facts.steps.clear();
    facts = tree.known(facts.path);
    if (is_new) facts.steps.front().identity = {};
  };
  using Kind = Attempt::Kind;
  fill(attempt.file, attempt.kind == Kind::create);
  fill(attempt.target, attempt.kind == Kind::link || !attempt.replaces);
  return decide(compiled, attempt);
}

std::uint64_t DraftJudge::labels_of(const std::string& path) const {
  return with_globs(compiled, walk(compiled, tree.known(path)), path).labels;
}

const Rule* DraftJudge::find_rule(std::uint32_t id) const {
  const Rule* found = nullptr;
  for_each_rule(policy, [&](const Rule& rule) {
    if (rule.id == id && id != 0) found = &rule;
  });
  return found;
}

std::string address_text(const Address& address) {
  const bool v4 = is_ipv4(Prefix{address, 128});
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(v4 ? AF_INET : AF_INET6, &address[v4 ? 12 : 0], text, sizeof(text));
  return v4 ? text : "[" + std::string(text) + "]";
}

std::string dns_line(const std::vector<Address>& resolvers) {
  std::string list;
  for (const Address& each : resolvers) {
    std::string text = address_text(each);
    if (text.front() == '[') text = text.substr(1, text.size() - 2);
    list += (list.empty() ? "" : ", ") + yaml_text(text);
  }
  return list.empty() ? list : "  dns: [" + list + "]\n";
}

std::string DraftBase::text(bool is_open) const {
  const std::string rest = is_open ? "allow" : "hold";
  return "policy: draft\n" + to_yaml(parts_.packs) + "network:\n  default: hold\n" +
         dns_line(parts_.resolvers) + "files: {default: " + rest + "}\nexec: {default: " + rest +
         "}\n";
}

Result<DraftJudge> DraftBase::load(std::string_view text) const {
  Result<Policy> policy = parse_policy(text, "draft", parts_.source);
  if (policy && parts_.settle) policy = parts_.settle(*policy);
  if (!policy) return policy.error();
  return compiled(std::move(*policy));
}

Result<DraftJudge> DraftBase::compiled(Policy policy) const {
  DraftJudge judge{std::move(policy), {}, PathTree(parts_.follows_links)};
  Result<CompiledPolicy> compiled = compile(judge.policy, judge.tree.resolver());
  if (!compiled) return compiled.error();
  judge.compiled = std::move(*compiled);
  return {boost::system::in_place_value, std::move(judge)};
}

Result<std::shared_ptr<const DraftBase>> DraftBase::create(Parts parts) {
  const std::shared_ptr<DraftBase> base(new DraftBase(std::move(parts)));
  const auto load = [&](bool is_open) {
    base->is_open_ = is_open;
    return base->load(base->text(is_open));
  };
  Result<DraftJudge> judge = load(false);
  if (judge && says_all(judge->policy)) judge = load(true);
  if (!judge) return judge.error();
  Result<DraftJudge> particular = base->compiled(without_catch_all(judge->policy));
  if (!particular) return particular.error();
  for (const UsedPack& each : judge->policy.packs) {
    const Result<PackText> text = base->parts_.source(each.name);
    if (!text) return text.error();
    Result<YamlNode> root = parse_yaml(text->text, text->file);
    if (!root) return root.error();
    base->packs_.emplace(each.name, std::move(*root));
  }
  base->judge_ = std::move(*judge);
  base->particular_ = std::move(*particular);
  return {boost::system::in_place_value, base};
}

bool DraftBase::needs_resolvers() const { return !judge_.compiled.hosts.empty(); }

std::string DraftBase::entry_text(const std::string& pack, Position at) const {
  const auto found = packs_.find(pack);
  const YamlNode* node = found == packs_.end() ? nullptr : find_at(found->second, at);
  return node ? to_yaml(*node) : std::string();
}

bool is_at_or_below(const std::string& path, const std::string& place) {
  return path == place || place == "/" || path.starts_with(place + "/");
}

std::vector<Position> entries_naming(const Policy& policy, const Rule& rule,
                                     const std::string& path) {
  const auto same = [&](const PathRule& each) { return each.rule.id == rule.id; };
  const auto found = std::ranges::find_if(policy.paths, same);
  if (found == policy.paths.end()) return {rule.at};
  std::vector<Position> entries;
  const Label& what = what_of(policy, *found);
  for (const Place& place : what.places)
    if (is_at_or_below(path, place.path)) entries.push_back(place.at);
  for (const Pattern& pattern : what.patterns)
    if (matches_path(pattern.glob, path)) entries.push_back(pattern.at);
  return entries;
}

}  // namespace stayd
