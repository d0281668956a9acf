// SPDX-License-Identifier: Apache-2.0
// Packs: what a policy writes to use them, and what is wrong with either.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/decision.h"
#include "policy/parser.h"
#include "policy/path_tree.h"
#include "policy/rule_reference.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRest =
    "network: {default: allow, dns: [10.0.0.2]}\nfiles: {default: allow}\nexec: {default: allow}\n";

constexpr const char* kData =
    "parameters:\n"
    "  customer-data: {means: the files that must not leave the host, example: /srv/customers}\n"
    "  quiet: {means: hosts that nobody is asked about, kind: network, example: 10.0.0.1, "
    "default: []}\n"
    "labels: {data: [$customer-data, \"**/*.parquet\"]}\n"
    "files: {read: {hold: [data, $customer-data/keys]}}\n"
    "network: {deny: [$quiet]}\n"
    "flows: [{after: {read: data}, network: hold}]\n";

class Packs : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& sections) {
    texts_[name] = pack_text(name, sections);
  }
  Result<Policy> parse(const std::string& head) const {
    return parse_policy("policy: p\n" + head + kRest, "p.yaml", packs_of(texts_));
  }
  Policy parsed(const std::string& head) const {
    Result<Policy> policy = parse(head);
    EXPECT_TRUE(policy) << policy.error().message;
    return policy ? *policy : Policy{};
  }
  std::string error_of(const std::string& head) const {
    const Result<Policy> policy = parse(head);
    return policy ? "no error" : policy.error().message;
  }
  static std::vector<std::string> texts_of(const Policy& policy) {
    std::vector<std::string> texts;
    for_each_rule(policy, [&](const Rule& rule) { texts.push_back(rule.text); });
    return texts;
  }

  std::map<std::string, std::string> texts_;
};

TEST_F(Packs, RulesOfAPackAreAddedUnderItsNameAndWithItsPlace) {
  add("data-export", kData);
  const Policy policy = parsed("use: [data-export]\nwith: {customer-data: /srv/customers}\n");
  EXPECT_THAT(texts_of(policy),
              ElementsAre("network.dns: 10.0.0.2",
                          "pack data-export: files.read.hold: data (/srv/customers, **/*.parquet)",
                          "pack data-export: files.read.hold: /srv/customers/keys",
                          "pack data-export: flows: after read of data: network hold"));
  ASSERT_EQ(policy.paths.size(), 2u);
  const Rule& rule = policy.paths[0].rule;
  EXPECT_EQ(file_of(policy, rule.source), "packs/data-export.yaml");
  EXPECT_EQ(rule.at.line, 7);
  EXPECT_EQ(rule.layer, 1);
  EXPECT_EQ(policy.labels[0].name, "data-export/data");
}

TEST_F(Packs, AParameterStandsForEachOfItsValues) {
  add("data-export", kData);
  const Policy policy = parsed(
      "use: [data-export]\nwith: {customer-data: [/srv/a, \"**/*.csv\"], quiet: 192.0.2.0/24}\n");
  EXPECT_THAT(texts_of(policy),
              testing::Contains("pack data-export: files.read.hold: data (/srv/a, **/*.csv, "
                                "**/*.parquet)"));
  EXPECT_THAT(texts_of(policy),
              testing::Contains("pack data-export: files.read.hold: **/*.csv/keys"));
  EXPECT_THAT(texts_of(policy), testing::Contains("pack data-export: network.deny: 192.0.2.0/24"));
}

TEST_F(Packs, AMissingParameterIsOneErrorThatSaysWhatItMeans) {
  add("data-export", kData);
  EXPECT_EQ(error_of("use:\n  - data-export\n"),
            "p.yaml:3:5: pack 'data-export' needs 'customer-data': the files that must not leave "
            "the host; add 'with: {customer-data: /srv/customers}'");
}

TEST_F(Packs, MistakesOfThePolicyAreNamedWithTheirPlace) {
  add("data-export", kData);
  add("git", "exec: {hold: [\"git push*\"]}\n");
  const std::string use = "use: [git]\n";
  const std::pair<std::string, std::string> mistakes[] = {
      {"use: [gti]\n", "p.yaml:2:7: there is no pack 'gti' in packs; write one"},
      {"use: git\n", "p.yaml:2:6: 'use' must be a list; write [ONE, TWO] or one '- ...' per line"},
      {"use: [git, git]\n", "p.yaml:2:12: pack 'git' is named in line 2 already; remove one"},
      {"use: [{pack: git, wihtout: []}]\n",
       "p.yaml:2:19: unknown key 'wihtout'; did you mean 'without'?"},
      {"use: [{pack: git, without: [\"git pull*\"]}]\n",
       "p.yaml:2:29: pack 'git' has no entry 'git pull*'; write it as it is in packs/git.yaml"},
      {use + "with: {repository: /x}\n",
       "p.yaml:3:8: no pack that is used has the parameter 'repository'; remove it"},
      {"use: [data-export]\nwith: {customer-dta: /x}\n",
       "p.yaml:3:8: no pack that is used has the parameter 'customer-dta'; did you mean "
       "'customer-data'?"},
      {"use: [data-export]\nwith: {customer-data: srv}\n",
       "p.yaml:3:23: 'srv' is not an absolute path; begin with '/'"},
      {"use: [data-export]\nwith: {customer-data: /srv, quiet: [\"https://x\"]}\n",
       "p.yaml:3:37: 'https://x' is a URL, of which the kernel sees only host and port; write "
       "files.example.org:443"},
      {use + "trust: [secrets]\n",
       "p.yaml:3:9: pack 'secrets' is not used; add it to 'use', or remove it here"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(error_of(text), message) << text;
}

TEST_F(Packs, MistakesInAPackAreNamedWithItsFileLineAndColumn) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"files: {default: hold}\n",
       "packs/x.yaml:3:9: 'files.default' is for policies: a pack says nothing of what its rules "
       "do not name; remove it"},
      {"network: {dns: [10.0.0.2]}\n",
       "packs/x.yaml:3:11: 'network.dns' is for policies: a pack says nothing of what its rules "
       "do not name; remove it"},
      {"approval: {}\n",
       "packs/x.yaml:3:1: unknown key 'approval'; known here: pack, about, use, parameters, "
       "labels, network, files, exec, flows"},
      {"files: {read: {hold: [secrets]}}\n",
       "packs/x.yaml:3:23: unknown label 'secrets'; define it under 'labels', or write a path, "
       "which begins with '/'"},
      {"files: {read: {hold: [$place]}}\n",
       "packs/x.yaml:3:23: unknown parameter '$place'; add it to 'parameters'"},
      {"parameters: {uid: {means: a, example: b}}\n",
       "packs/x.yaml:3:14: bad name 'uid'; write lower-case letters, digits, '-' or '_', and not "
       "'uid'"},
      {"parameters: {a: {means: a, example: b, kind: file}}\n",
       "packs/x.yaml:3:46: 'file' is not a kind of parameter; write 'files' or 'network'"},
      {"use: [nowhere]\n", "packs/x.yaml:3:7: there is no pack 'nowhere' in packs; write one"},
      {"exec: {allow: [memfd]}\n",
       "packs/x.yaml:3:16: 'memfd' can only make an operation stricter: 'allow' does nothing; "
       "name the program or its directory"},
  };
  for (const auto& [sections, message] : mistakes) {
    add("x", sections);
    EXPECT_EQ(error_of("use: [x]\n"), message) << sections;
  }
  texts_["x"] = pack_text("y", "");
  EXPECT_EQ(error_of("use: [x]\n"),
            "packs/x.yaml:1:7: the pack 'y' is in the file of 'x'; give file and pack the same "
            "name");
  texts_["x"] = "pack: x\n";
  EXPECT_EQ(error_of("use: [x]\n"),
            "packs/x.yaml:1:1: 'about' must be a text; write 'about: what it is for, in a "
            "sentence'");
}

TEST_F(Packs, APolicyWithoutResolversCannotUseAPackWithHostNames) {
  add("cloud", "network: {hold: [\"iam.example.com:443\"]}\n");
  const Result<Policy> policy = parse_policy(
      "policy: p\nuse: [cloud]\nnetwork: {default: hold}\nfiles: {default: allow}\n"
      "exec: {default: allow}\n",
      "p.yaml", packs_of(texts_));
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message,
            "p.yaml:2:6: pack 'cloud' has rules about host names, which need a resolver to "
            "believe; add 'dns: [\"10.0.0.2\"]' under 'network'");
}

TEST_F(Packs, APolicyCanTakeEntriesOutAndBeAboutALabelOfAPack) {
  add("secrets", "labels: {keys: [/k, \"**/.env\"]}\nfiles: {read: {hold: [keys]}}\n");
  const Policy policy = parsed(
      "use: [{pack: secrets, without: [\"**/.env\"]}]\nflows: [{after: {read: secrets/keys}, exec: "
      "deny}]\n");
  EXPECT_THAT(texts_of(policy),
              ElementsAre("network.dns: 10.0.0.2", "pack secrets: files.read.hold: keys (/k)",
                          "flows: after read of secrets/keys: exec deny"));
}

TEST_F(Packs, EntriesOfAPackMayHaveClassesAndBeAboutTools) {
  add("git",
      "parameters: {work: {means: a, example: /b}}\n"
      "labels: {hooks: [$work/hooks]}\n"
      "files:\n  write:\n    hold:\n"
      "      - {what: hooks, class: code-change}\n"
      "      - {what: $work/keys, class: secret}\n"
      "exec: {hold: [{tool: git, words: [push], class: code-change}, {tool: gh}]}\n");
  const std::string with = "with: {work: [/a, /b]}\n";
  const Policy policy = parsed("use: [git]\n" + with);
  EXPECT_THAT(
      texts_of(policy),
      ElementsAre("network.dns: 10.0.0.2", "pack git: files.write.hold: hooks (/a/hooks, /b/hooks)",
                  "pack git: files.write.hold: /a/keys", "pack git: files.write.hold: /b/keys",
                  "pack git: exec.hold: {tool: git, words: [push]}",
                  "pack git: exec.hold: {tool: gh}"));
  EXPECT_EQ(without_entries(policy.paths[0].rule.text), "pack git: files.write.hold: hooks");
  EXPECT_EQ(policy.paths[0].rule.rule_class, RuleClass::code_change);
  EXPECT_EQ(policy.paths[2].rule.rule_class, RuleClass::secret);
  EXPECT_EQ(policy.tools[0].rule.rule_class, RuleClass::code_change);
  EXPECT_EQ(policy.tools[0].rule.layer, 1);
  const Policy fewer = parsed(
      "use: [{pack: git, without: [hooks, {words: [push], tool: git, class: code-change}]}]\n" +
      with);
  EXPECT_EQ(fewer.paths.size(), 2u);
  EXPECT_EQ(fewer.tools.size(), 1u);
  EXPECT_EQ(error_of("use: [{pack: git, without: [{tool: git}]}]\n" + with),
            "p.yaml:2:29: pack 'git' has no such entry; write it as it is in packs/git.yaml");
}

TEST_F(Packs, PacksThatComeWithOthersAreAddedOnce) {
  add("helpers", "use: [git]\nnetwork: {hold: [\"unix:/run/docker.sock\"]}\n");
  add("git", "use: [helpers]\n");
  add("secrets", "use: [helpers]\n");
  const Policy policy = parsed("use: [git, secrets]\ntrust: [git]\n");
  std::vector<std::string> names;
  for (const UsedPack& pack : policy.packs) names.push_back(pack.name);
  EXPECT_THAT(names, ElementsAre("git", "secrets", "helpers"));
  EXPECT_FALSE(policy.packs[2].direct);
  EXPECT_FALSE(policy.packs[2].trusted) << "trust is of those that the policy names";
  EXPECT_THAT(describe(policy), HasSubstr("; packs: git (trusted), secrets"));
}

TEST_F(Packs, WithoutASourceThereAreNone) {
  const Result<Policy> policy = parse_policy("policy: p\nuse: [git]\n" + std::string(kRest), "p");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message,
            "p:2:7: there are no packs here; write the rules into the policy");
}

// A pack says nothing of itself that a policy did not say.
TEST_F(Packs, NoPackTrustsOrFillsOrShortensAnother) {
  add("lax", "files: {read: {allow: [/srv]}}\n");
  add("strict",
      "parameters: {more: {means: a, example: /b, default: []}}\n"
      "files: {read: {deny: [/srv/keys, $more]}}\n");
  for (const char* said : {"trust: [lax]\n", "with: {more: /etc}\n", "owner: dev\n", "user: dev\n",
                           "applies_to: []\n", "mode: observe\n", "on_agent_loss: allow\n"}) {
    add("x", "use: [lax, strict]\n" + std::string(said));
    EXPECT_THAT(error_of("use: [x]\n"), HasSubstr("packs/x.yaml:4:1: unknown key")) << said;
  }
  add("x", "use: [{pack: strict, without: [/srv/keys]}]\n");
  EXPECT_EQ(error_of("use: [x]\n"), "packs/x.yaml:3:7: 'use' must be a text; write one value");
  add("x", "use: [lax, strict]\n");
  const Policy policy = parsed("use: [x]\ntrust: [x]\n");
  for (const PathRule& rule : policy.paths) EXPECT_NE(rule.rule.layer, 0) << rule.rule.text;
  EXPECT_EQ(error_of("use: [x]\ntrust: [lax]\n"),
            "p.yaml:3:9: pack 'lax' is not used; add it to 'use', or remove it here")
      << "a policy trusts what it names";
}

TEST_F(Packs, ParametersStandForABoundedNumberOfEntries) {
  std::string places, values;
  for (int i = 0; i < 300; ++i) {
    places += (i > 0 ? ", $p/" : "$p/") + std::to_string(i);
    values += (i > 0 ? ", /v/" : "/v/") + std::to_string(i);
  }
  add("wide",
      "parameters: {p: {means: a, example: /b}}\nfiles: {read: {hold: [" + places + "]}}\n");
  EXPECT_THAT(error_of("use: [wide]\nwith: {p: [" + values + "]}\n"),
              HasSubstr("parameters stand for more than 65536 entries; give fewer values"));
}

}  // namespace
}  // namespace stayd
