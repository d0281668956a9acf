// SPDX-License-Identifier: Apache-2.0
#include "policy/cases.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/yaml_reader.h"
#include "policy/explanation.h"
#include "policy/glob.h"
#include "policy/keys.h"
#include "policy/parser.h"
#include "policy/values.h"
#include "policy/workload_user.h"

namespace stayd {
namespace {

constexpr std::uint32_t kUidOfCases = 1000;

class CaseReader : private YamlReader {
 public:
  explicit CaseReader(std::string_view file) : YamlReader(file) { cases_.file = file; }

  Result<CaseFile> read(const YamlNode& root) {
    if (check_map(root, "a file of cases", kCaseFileKeys)) {
      read_policy(root);
      if (const YamlNode* home = root.find("home")) {
        cases_.home = home->text;
        if (!is_place(home->text) || home->text == "/" || is_glob(home->text))
          fail(home->at, shown(*home) + " is not a plain path of a home; write /home/dev");
      }
      if (const YamlNode* links = root.find("links")) read_links(*links);
      const YamlNode* cases = root.find("cases");
      if (!cases || cases->kind != YamlNode::Kind::list || cases->items.empty())
        fail(cases ? cases->at : root.at, "no cases; add 'cases: [{do: ..., expect: ...}]'");
      else
        for (const YamlNode& item : cases->items) read_case(item);
    }
    if (error()) return *error();
    return std::move(cases_);
  }

 private:
  void read_policy(const YamlNode& root) {
    const YamlNode* policy = root.find("policy");
    if (policy && policy->kind == YamlNode::Kind::map) {
      cases_.written = *policy;
      return;
    }
    cases_.policy = text_of(root, "policy", "policy: FILE.yaml");
    if (!error() && cases_.policy.find('/') != std::string::npos)
      fail(policy->at, "the policy is a file in this directory; write its name");
  }

  void read_links(const YamlNode& node) {
    if (!check_map(node, "'links'", {})) return;
    for (const YamlEntry& entry : node.entries) {
      if (!is_place(entry.key))
        fail(entry.at, in_quotes(entry.key) + " is not a plain absolute path; write /srv/x");
      if (!is_place(entry.value.text))
        fail(entry.value.at, shown(entry.value) + " is not a plain absolute path; write /srv/x");
      cases_.links.emplace_back(entry.key, entry.value.text);
    }
  }

  static bool is_place(std::string_view path) {
    return path.starts_with('/') && normal_path(path) == path;
  }

  void read_case(const YamlNode& node) {
    if (!check_map(node, "a case", kCaseKeys)) return;
    Case one;
    one.at = node.at;
    one.attempt = text_of(node, "do", "do: open:/srv/x:read");
    const std::string expected = text_of(node, "expect", "expect: hold");
    const std::optional<Verdict> verdict = parse_verdict(expected);
    if (!verdict && !error())
      fail(node.find("expect")->at,
           in_quotes(expected) + " is not a verdict; write allow, audit, hold or deny");
    one.expected = verdict.value_or(Verdict::deny);
    if (node.find("rule")) one.rule = text_of(node, "rule", "rule: files.read.hold");
    if (const YamlNode* digest = node.find("sha256")) {
      one.sha256 = parse_sha256(digest->text);
      if (!one.sha256) fail(digest->at, "bad digest; write 64 hexadecimal digits");
    }
    if (const YamlNode* touched = node.find("touched")) {
      if (touched->kind != YamlNode::Kind::list)
        fail(touched->at, "'touched' must be a list; write [LABEL]");
      for (const YamlNode& label : touched->items)
        if (check_text(label, "touched")) one.touched.push_back(label.text);
    }
    cases_.cases.push_back(std::move(one));
  }

  CaseFile cases_;
};

Result<RuleVerdict> judge(const Case& one, const Policy& policy, const CompiledPolicy& compiled,
                          PathTree& tree, std::string& rule) {
  Result<Attempt> attempt = parse_attempt(one.attempt, tree);
  if (!attempt) return attempt.error();
  Result<std::uint64_t> touched = touched_mask(policy, compiled, one.touched);
  if (!touched) return touched.error();
  attempt->touched = *touched;
  attempt->program.sha256 = one.sha256;
  const RuleVerdict rule_verdict = decide(compiled, *attempt);
  rule = rule_text(compiled, attempt->kind, rule_verdict);
  return rule_verdict;
}

// Empty: as expected.
std::string fault(const Case& one, Verdict verdict, const std::string& rule) {
  if (verdict == one.expected && rule.find(one.rule) != rule.npos) return {};
  std::string wanted = to_string(one.expected);
  if (!one.rule.empty()) wanted += " by " + in_quotes(one.rule);
  return in_quotes(one.attempt) + ": expected " + wanted + ", got " + to_string(verdict) + " by " +
         in_quotes(rule);
}

}  // namespace

Result<CaseFile> parse_cases(std::string_view text, std::string_view file_name) {
  Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return root.error();
  return CaseReader(file_name).read(*root);
}

Result<CaseFile> load_cases(const std::string& path) {
  Result<std::string> text = read_policy_file(path);
  if (!text) return text.error();
  return parse_cases(*text, path);
}

Result<Policy> policy_of(const CaseFile& cases, const PackSource& packs) {
  if (cases.written) return parse_policy(*cases.written, cases.file, packs);
  const std::filesystem::path directory = std::filesystem::path(cases.file).parent_path();
  return load_policy((directory / cases.policy).string(), packs);
}

Result<CaseReport> run_cases(const CaseFile& cases, const Policy& as_written) {
  PathTree tree;
  for (const auto& [from, to] : cases.links) tree.add_link(from, to);
  const std::string login = as_written.user.empty() ? "user" : as_written.user;
  const Result<Policy> settled =
      for_user(as_written, {cases.home.empty() ? "/home/" + login : cases.home, kUidOfCases});
  if (!settled) return settled.error();
  const Policy& policy = *settled;
  Result<CompiledPolicy> compiled = compile(policy, tree.resolver());
  if (!compiled) return compiled.error();
  CaseReport report;
  std::set<std::uint32_t> decided;
  for (const Case& one : cases.cases) {
    std::string rule;
    const Result<RuleVerdict> rule_verdict = judge(one, policy, *compiled, tree, rule);
    if (rule_verdict) decided.insert(rule_verdict->rule);
    const std::string wrong =
        rule_verdict ? fault(one, rule_verdict->verdict, rule) : rule_verdict.error().message;
    if (wrong.empty())
      ++report.passed;
    else
      report.failures.push_back(error_at(cases.file, one.at, wrong).message);
  }
  // Flows after the same labels are compiled into the first of them.
  for (const Flow& flow : policy.flows)
    if (std::none_of(compiled->settings.flows,
                     compiled->settings.flows + compiled->settings.flow_count,
                     [&](const stayd_flow& each) { return each.rule == flow.rule.id; }))
      decided.insert(flow.rule.id);
  for_each_rule(policy, [&](const Rule& rule) {
    const bool ours = rule.source == 0 || (cases.written && policy.packs[rule.source - 1].direct);
    if (ours && !decided.contains(rule.id)) report.undecided.push_back(rule);
  });
  std::sort(report.undecided.begin(), report.undecided.end(),
            [](const Rule& a, const Rule& b) { return a.id < b.id; });
  return report;
}

}  // namespace stayd
