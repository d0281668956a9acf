// SPDX-License-Identifier: Apache-2.0
// Any bytes give a policy or one error with its place; a policy compiles, can be asked about
// every kind of operation, explained and described.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "policy/decision.h"
#include "policy/explanation.h"
#include "policy/parser.h"
#include "policy/workload_user.h"

namespace {

// To explain is to compile each rule by itself.
constexpr std::size_t kMaxExplained = 24;
constexpr std::size_t kMaxPlaces = 16;

void require(bool condition) {
  if (!condition) std::abort();
}

// Some paths share an identity, some are the mounts of others, some are not there.
stayd::Result<stayd::Located> crowded(const std::string& path) {
  stayd::Located located;
  const stayd::Identity own{path.size() % 7 + 1, 1};
  if (path.size() % 5 != 0) located.identities = {own, {path.size() % 3 + 1, 2}};
  located.complete = path.size() % 4 != 0;
  located.components.push_back({{{1, 1}, path.substr(path.rfind('/') + 1)}, own});
  return located;
}

// Of every kind, about what the policy names and what it does not.
std::vector<std::string> operations(const stayd::Policy& policy) {
  std::vector<std::string> places{"/", "/elsewhere/x"};
  const auto add = [&](const stayd::Label& label) {
    for (const stayd::Place& place : label.places)
      if (places.size() < kMaxPlaces) places.push_back(place.path);
  };
  for (const stayd::Label& label : policy.labels) add(label);
  for (const stayd::PathRule& rule : policy.paths) add(rule.what);
  std::vector<std::string> all{"connect:192.0.2.7:443", "connect:[2001:db8::1]:53/udp",
                               "connect:unix:@name", "exec:memfd"};
  for (const std::string& place : places) {
    all.push_back("open:" + place + ":read");
    all.push_back("open:" + place + ":readwrite");
    all.push_back("create:" + place);
    all.push_back("delete:" + place);
    all.push_back("rename:" + place + ":/elsewhere/y");
    all.push_back("replace:/elsewhere/y:" + place);
    all.push_back("exec:" + place + " push --force");
    all.push_back("connect:unix:" + place);
  }
  for (const stayd::HostRule& host : policy.hosts)
    if (all.size() < 8 * kMaxPlaces + 16)
      all.push_back("connect:" + host.name + "@192.0.2.7:" + std::to_string(host.last_port));
  return all;
}

// Whatever it is called.
stayd::Result<stayd::PackText> any_pack(const std::string& name) {
  return stayd::PackText{"p", "pack: " + name +
                                  "\nabout: x\n"
                                  "parameters: {data: {means: a, example: /a, default: [/b]}}\n"
                                  "labels: {data: [$data, \"**/.env\"]}\n"
                                  "files: {read: {hold: [data], allow: [$data/x]}}\n"
                                  "network: {deny: [169.254.169.254]}\n"
                                  "flows: [{after: {read: data}, network: hold}]\n"};
}

std::vector<std::string> label_names(const stayd::Policy& policy) {
  std::vector<std::string> names;
  for (const stayd::Label& label : policy.labels) names.push_back(label.name);
  return names;
}

void ask(const stayd::Policy& policy) {
  stayd::PathTree tree;
  const stayd::Result<stayd::CompiledPolicy> compiled = stayd::compile(policy, tree.resolver());
  if (!compiled) {
    require(compiled.error().message.starts_with("p:"));
    return;
  }
  const std::vector<std::string> labels = label_names(policy);
  const stayd::Result<std::uint64_t> touched = stayd::touched_mask(policy, *compiled, labels);
  require(touched.has_value());
  for (const std::string& operation : operations(policy)) {
    stayd::Result<stayd::Attempt> attempt = stayd::parse_attempt(operation, tree);
    if (!attempt) continue;  // a path that holds what separates the parts of an operation
    attempt->touched = *touched;
    const stayd::RuleVerdict rule_verdict = stayd::decide(*compiled, *attempt);
    require(rule_verdict.rule < compiled->rules.size());
    if (stayd::count_rules(policy) > kMaxExplained) continue;
    const stayd::Result<stayd::Explanation> explanation =
        stayd::explain(policy, *attempt, tree, labels);
    require(explanation && explanation->rule_verdict == rule_verdict);
    std::size_t winners = 0;
    for (const stayd::Match& match : explanation->matches) winners += match.wins ? 1 : 0;
    require((rule_verdict.rule == 0) == (winners == 0));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stayd::Result<stayd::Policy> policy = stayd::parse_policy(text, "p", any_pack);
  if (!policy) {
    require(policy.error().message.starts_with("p:"));
    require(policy.error().message.find("; ") != std::string::npos);
    return 0;
  }
  require(!stayd::describe(*policy).empty());
  const stayd::Policy settled = *stayd::for_user(*policy, {"/home/dev", 1000});
  (void)stayd::compile(settled, crowded);
  ask(settled);
  return 0;
}
