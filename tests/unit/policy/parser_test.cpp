// SPDX-License-Identifier: Apache-2.0
#include "policy/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/yaml.h"
#include "base/yaml_reader.h"

namespace stayd {
namespace {

// Sections that every policy needs, for tests about something else.
constexpr char kRest[] =
    "network: {default: hold}\n"
    "files: {default: allow}\n"
    "exec: {default: allow}\n";

constexpr char kComplete[] = R"(policy: support-agent
applies_to:
  - unit: support-agent.service
  - cgroup: /ai.slice/**
mode: enforce
labels:
  customer-data: [/srv/customers, /var/lib/embeddings]
network:
  default: hold
  allow: ["10.0.0.0/8:5432/tcp"]
  deny: ["169.254.169.254"]
files:
  default: allow
  read: {hold: [customer-data]}
  write: {deny: [/etc]}
exec:
  default: audit
  hold: [/usr/bin/ssh]
approval:
  timeout: 90s
)";

Policy parsed(std::string_view text) {
  Result<Policy> policy = parse_policy(text, "p.yaml");
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? *policy : Policy{};
}

std::string error_of(std::string_view text) {
  Result<Policy> policy = parse_policy(text, "p.yaml");
  return policy ? "no error" : policy.error().message;
}

TEST(PolicyParser, ReadsEverySection) {
  Policy policy = parsed(kComplete);
  EXPECT_EQ(policy.name, "support-agent");
  EXPECT_EQ(policy.file, "p.yaml");
  ASSERT_EQ(policy.applies_to.size(), 2u);
  EXPECT_EQ(policy.applies_to[1].name, "/ai.slice/**");
  EXPECT_EQ(policy.network_default, Verdict::hold);
  EXPECT_EQ(policy.files_default, Verdict::allow);
  EXPECT_EQ(policy.exec_default, Verdict::audit);
  EXPECT_EQ(policy.approval.timeout, std::chrono::seconds(90));
}

TEST(PolicyParser, NumbersRulesAndSaysThemInWords) {
  Policy policy = parsed(kComplete);
  ASSERT_EQ(policy.network.size(), 2u);
  ASSERT_EQ(policy.paths.size(), 3u);
  EXPECT_EQ(policy.network[0].rule.id, 1u);
  EXPECT_EQ(policy.network[1].rule.text, "network.deny: 169.254.169.254");
  EXPECT_EQ(policy.network[1].rule.at.line, 11);
  EXPECT_EQ(policy.paths[0].rule.id, 3u);
  EXPECT_EQ(policy.paths[0].rule.text,
            "files.read.hold: customer-data (/srv/customers, /var/lib/embeddings)");
  EXPECT_EQ(policy.paths[2].rule.text, "exec.hold: /usr/bin/ssh");
  EXPECT_EQ(policy.paths[2].rule.id, 5u);
}

TEST(PolicyParser, ARulesTextIsBoundedHoweverLongItsLabel) {
  std::string paths;
  for (int i = 0; i < 1000; i++) paths += (i ? ", /srv/" : "/srv/") + std::to_string(i);
  Policy policy = parsed("policy: p\nlabels: {all: [" + paths +
                         "]}\nnetwork: {default: hold}\nfiles: {default: allow, read: {hold: "
                         "[all]}}\nexec: {default: allow}\n");
  EXPECT_LT(policy.paths[0].rule.text.size(), 600u);
  EXPECT_THAT(policy.paths[0].rule.text, testing::EndsWith(" more)"));
}

TEST(PolicyParser, DescribesItselfInOneLine) {
  EXPECT_EQ(describe(parsed(kComplete)),
            "support-agent: 5 rules, 1 label; unless a rule says otherwise: network hold, files "
            "allow, exec audit; a ticket waits for 90s");
}

TEST(PolicyParser, AppliesToTheNamedCgroupsOnly) {
  AppliesTo unit{AppliesTo::Kind::unit, "x.service"};
  EXPECT_TRUE(applies_to(unit, {"/system.slice/x.service", {}}));
  EXPECT_FALSE(applies_to(unit, {"/system.slice/x.service/child", {}}));
  EXPECT_FALSE(applies_to(unit, {"/system.slice/ax.service", {}}));
  AppliesTo below{AppliesTo::Kind::cgroup, "/ai.slice/**"};
  EXPECT_TRUE(applies_to(below, {"/ai.slice/a/b", {}}));
  EXPECT_FALSE(applies_to(below, {"/ai.slice", {}}));
  EXPECT_FALSE(applies_to(below, {"/ai.slices/a", {}}));
  AppliesTo exact{AppliesTo::Kind::cgroup, "/ai.slice"};
  EXPECT_TRUE(applies_to(exact, {"/ai.slice", {}}));
  EXPECT_FALSE(applies_to(exact, {"/ai.slice/a", {}}));
}

TEST(PolicyParser, AppliesToTheCgroupsOfAUserAndOfThoseInAGroup) {
  const Policy policy =
      parsed("policy: p\napplies_to: [{user: dev}, {group: agents}]\n" + std::string(kRest));
  const CgroupFacts dev{"/a", {}, "", "dev", {"users"}}, ann{"/b", {}, "", "ann", {"x", "agents"}},
      bob{"/c", {}, "", "bob", {"users"}}, nobody{"/d", {}};
  EXPECT_TRUE(choose_policy({policy}, dev));
  EXPECT_TRUE(choose_policy({policy}, ann));
  EXPECT_FALSE(choose_policy({policy}, bob));
  EXPECT_FALSE(choose_policy({policy}, nobody));
}

struct BadPolicy {
  std::string text;
  const char* message;
};

void expect_errors(const std::vector<BadPolicy>& cases) {
  for (const BadPolicy& bad : cases) EXPECT_EQ(error_of(bad.text), bad.message) << bad.text;
}

TEST(PolicyParser, AnUnknownKeyComesWithASuggestion) {
  std::string rest = kRest;
  expect_errors({
      {"policy: p\nnetwrok: {}\n" + rest,
       "p.yaml:2:1: unknown key 'netwrok'; did you mean 'network'?"},
      {"policy: p\nquota: 1\n" + rest,
       "p.yaml:2:1: unknown key 'quota'; known here: policy, applies_to, owner, user, mode, "
       "on_agent_loss, use, with, trust, labels, network, files, ..."},
      {"policy: p\nnetwork: {default: hold, denny: []}\nfiles: {default: hold}\nexec: {default: "
       "hold}\n",
       "p.yaml:2:26: unknown key 'denny'; did you mean 'deny'?"},
      {"policy: p\nnetwork: {default: hold}\nfiles: {default: hold, red: {}}\nexec: {default: "
       "hold}\n",
       "p.yaml:3:24: unknown key 'red'; did you mean 'read'?"},
      {"policy: p\napproval: {timeuot: 3m}\n" + rest,
       "p.yaml:2:12: unknown key 'timeuot'; did you mean 'timeout'?"},
      {"policy: p\napplies_to: [{units: x.service}]\n" + rest,
       "p.yaml:2:15: unknown key 'units'; did you mean 'unit'?"},
  });
}

TEST(PolicyParser, AKeyMayNotComeTwice) {
  expect_errors({
      {"policy: p\npolicy: q\n", "p.yaml:2:1: 'policy' is here twice; merge the two"},
      {"policy: p\nnetwork:\n  default: hold\n  allow: []\n  allow: []\n",
       "p.yaml:5:3: 'allow' is here twice; merge the two"},
      {"policy: p\n\"policy\": q\n", "p.yaml:2:1: 'policy' is here twice; merge the two"},
  });
}

TEST(PolicyParser, NothingThatMattersIsImplied) {
  expect_errors({
      {"policy: p\n", "p.yaml:1:1: 'network' is missing; add 'network: {default: hold}'"},
      {"owner: a\n", "p.yaml:1:1: 'policy' is missing; add 'policy: NAME'"},
      {"policy: p\nnetwork: {deny: []}\n",
       "p.yaml:2:10: 'network.default' is missing; add 'default: hold'"},
      {"policy: p\nnetwork:\nfiles: {}\n",
       "p.yaml:2:1: 'network' must be a map; write 'default: ...' below it"},
      {"", "p.yaml:1:1: nothing in it; write 'KEY: VALUE'"},
      {"# only a comment\n", "p.yaml:1:1: nothing in it; write 'KEY: VALUE'"},
  });
}

TEST(PolicyParser, WrongTypesAreNamed) {
  std::string rest = kRest;
  expect_errors({
      {"- policy\n", "p.yaml:1:1: a policy must be a map; write 'policy: ...' below it"},
      {"policy: [p]\n" + rest, "p.yaml:1:9: 'policy' must be a text; write one value"},
      {"policy:\n" + rest, "p.yaml:1:1: 'policy' must be a text; write one value"},
      {"policy: p\napplies_to: x.service\n" + rest,
       "p.yaml:2:13: 'applies_to' must be a list; write [ONE, TWO] or one '- ...' per line"},
      {"policy: p\napplies_to: [x.service]\n" + rest,
       "p.yaml:2:14: an entry of 'applies_to' must be a map; write 'unit: ...' below it"},
      {"policy: p\nlabels: [a]\n" + rest,
       "p.yaml:2:9: 'labels' must be a map; write 'NAME: ...' below it"},
      {"policy: p\nlabels: {a: /srv}\n" + rest,
       "p.yaml:2:13: 'a' must be a list; write [ONE, TWO] or one '- ...' per line"},
      {"policy: p\nnetwork: {default: hold, deny: \"1.1.1.1\"}\n",
       "p.yaml:2:32: 'network.deny' must be a list; write [ONE, TWO] or one '- ...' per line"},
      {"policy: p\nnetwork: {default: hold, deny: [[]]}\n",
       "p.yaml:2:33: 'network.deny' must be a text; write one value"},
      {"policy: p\nnetwork: {default: hold}\nfiles: {default: hold, read: [/srv]}\n",
       "p.yaml:3:30: 'files.read' must be a map; write 'allow: ...' below it"},
  });
}

TEST(PolicyParser, BadValuesAreNamed) {
  std::string rest = kRest;
  std::string head = "policy: p\nnetwork: {default: hold}\n";
  expect_errors({
      {"policy: a b\n" + rest,
       "p.yaml:1:9: bad name 'a b'; write at most 64 letters, digits, '.', '_' or '-'"},
      {"policy: p\nowner: a b\n" + rest,
       "p.yaml:2:8: bad owner 'a b'; write a user name, or NAME@DOMAIN"},
      {"policy: p\nmode: off\n" + rest,
       "p.yaml:2:7: 'off' is not a mode; write 'enforce' or 'observe'"},
      {"policy: p\nmode: [observe]\n" + rest,
       "p.yaml:2:7: a list is not a mode; write 'enforce' or 'observe'"},
      {"policy: p\nnetwork: {default: {hold: []}}\n",
       "p.yaml:2:20: a map is not a verdict; write allow, audit, hold or deny"},
      {"policy: p\nnetwork: {default: hold, allow: [\"https://example.org/\"]}\n",
       "p.yaml:2:34: 'https://example.org/' is a URL, of which the kernel sees only host and port; "
       "write files.example.org:443"},
      {"policy: p\nnetwork: {default: hold, allow: [\"10.0.0.1:80/sctp\"]}\n",
       "p.yaml:2:34: unknown protocol 'sctp'; write /tcp or /udp, or neither for both"},
      {head + "files: {default: allow, hold: [/srv]}\n",
       "p.yaml:3:31: 'hold' belongs below what is done to the files; write 'read: {hold: [...]}'"},
      {"policy: p\nnetwork: {default: maybe}\n",
       "p.yaml:2:20: 'maybe' is not a verdict; write allow, audit, hold or deny"},
      {"policy: p\nnetwork: {default: hold, allow: [\"10.0.0.1/8\"]}\n",
       "p.yaml:2:34: '10.0.0.1/8' has bits set after its prefix; write 10.0.0.0/8"},
      {"policy: p\napproval: {timeout: 30}\n" + rest,
       "p.yaml:2:21: bad duration '30'; write 90s, 30m or 2h, at most 168h"},
      {"policy: p\napproval: {timeout: 169h}\n" + rest,
       "p.yaml:2:21: bad duration '169h'; write 90s, 30m or 2h, at most 168h"},
      {"policy: p\napproval: {timeout: 0s}\n" + rest,
       "p.yaml:2:21: bad duration '0s'; write 90s, 30m or 2h, at most 168h"},
      {"policy: p\napplies_to: [{unit: x}]\n" + rest,
       "p.yaml:2:21: 'x' is not a unit; write NAME.service, NAME.scope or NAME.slice"},
      {"policy: p\napplies_to: [{cgroup: ai.slice}]\n" + rest,
       "p.yaml:2:23: 'ai.slice' is not a cgroup; write /ai.slice/x.scope, /ai.slice/*.scope, or "
       "/ai.slice/** for all below it"},
      {"policy: p\napplies_to: [{unit: a.scope, cgroup: /b}]\n" + rest,
       "p.yaml:2:14: an entry of 'applies_to' names one thing; write one '- unit: ...', "
       "'- slice: ...', '- cgroup: ...', '- label: ...', '- user: ...' or '- group: ...' per line"},
      {"policy: p\nlabels: {a: []}\n" + rest,
       "p.yaml:2:13: label 'a' has no files; name some or remove it"},
      {"policy: p\nlabels: {a/b: [/srv]}\n" + rest,
       "p.yaml:2:10: bad label 'a/b'; write at most 64 letters, digits, '.', '_' or '-'"},
      {head + "files: {default: hold, read: {hold: [secrets]}}\n",
       "p.yaml:3:38: unknown label 'secrets'; define it under 'labels', or write a path, which "
       "begins with '/'"},
      {head + "labels: {secrets: [/etc]}\nfiles: {default: hold, read: {hold: [secret]}}\n",
       "p.yaml:4:38: unknown label 'secret'; did you mean 'secrets'?"},
  });
}

TEST(PolicyParser, PathsAreAbsoluteAndPlain) {
  std::string head = "policy: p\nnetwork: {default: hold}\nfiles: {default: hold}\n";
  expect_errors({
      {head + "exec: {default: hold, deny: [usr/bin/ssh]}\n",
       "p.yaml:4:30: 'usr/bin/ssh' is not an absolute path; begin with '/'"},
      {head + "exec: {default: hold, deny: [ssh]}\n",
       "p.yaml:4:30: unknown label 'ssh'; define it under 'labels', or write a path, which "
       "begins with '/'"},
      {head + "exec: {default: hold, deny: [/usr/../etc/]}\n",
       "p.yaml:4:30: '/usr/../etc/' is not a plain path; write '/etc'"},
      {head + "exec: {default: hold, deny: [//usr]}\n",
       "p.yaml:4:30: '//usr' is not a plain path; write '/usr'"},
      {head + "exec: {default: hold, allow: [/usr/*]}\n",
       "p.yaml:4:31: '/usr/*' is a pattern, which can only make an operation stricter: 'allow' "
       "does nothing; name a directory"},
      {head + "exec: {default: hold, deny: [/" + std::string(4096, 'a') + "]}\n",
       "p.yaml:4:30: a path of more than 4095 bytes; name a directory above it"},
      {"policy: p\nlabels: {a: [\"~bob/.ssh\"]}\n",
       "p.yaml:2:14: '~bob/.ssh' means no place here; write ~/.ssh for the home of the workload's "
       "user, /home/alice/.ssh, or \"**/.ssh/**\" for everybody's"},
      {"policy: p\nuser: \"dev:x\"\n",
       "p.yaml:2:7: bad user 'dev:x'; write the name of a user of this host"},
      {"policy: p\napplies_to: [{group: \"a b\"}]\n",
       "p.yaml:2:22: 'a b' is not a group of this host; write its name"},
      {"policy: p\nnetwork: {default: hold, unix: maybe}\n",
       "p.yaml:2:32: 'maybe' is not a verdict; write allow, audit, hold or deny"},
      {"policy: p\nnetwork: {default: hold, allow: [\"sts.*.com\"]}\n",
       "p.yaml:2:34: 'sts.*.com' has a wildcard in its last two parts, and so means hosts of "
       "anybody; write sts.*.example.com"},
      {"policy: p\nnetwork: {default: hold, allow: [\"a.*.example.*\"]}\n",
       "p.yaml:2:34: 'a.*.example.*' has a wildcard in its last two parts, and so means hosts of "
       "anybody; write sts.*.example.com"},
      {"policy: p\nlabels: {a: [srv]}\n",
       "p.yaml:2:14: 'srv' is not an absolute path; begin with '/'"},
  });
}

TEST(PolicyParser, RulesAboutToolsNameProgramsWordsAndOptions) {
  const std::string head =
      "policy: p\nnetwork: {default: hold}\nfiles: {default: hold}\nexec: {default: hold, ";
  expect_errors({
      {head + "deny: [{words: [push]}]}\n", "p.yaml:4:30: 'tool' is missing; add 'tool: git'"},
      {head + "deny: [{tool: git, word: [push]}]}\n",
       "p.yaml:4:42: unknown key 'word'; did you mean 'words'?"},
      {head + "deny: [{tool: /usr/bin/git}]}\n",
       "p.yaml:4:37: '/usr/bin/git' is a path; write the program's name, 'git', which is known in "
       "whichever directory it is"},
      {head + "deny: [{tool: git push}]}\n",
       "p.yaml:4:37: 'git push' is more than a name; write 'git', and what follows under 'words' "
       "or 'options'"},
      {head + "deny: [{tool: git, words: [-f]}]}\n",
       "p.yaml:4:50: '-f' is an option; write it under 'options'"},
      {head + "deny: [{tool: git, words: [push origin]}]}\n",
       "p.yaml:4:50: 'push origin' is more than one word; write [push, ...]"},
      {head + "deny: [{tool: git, words: push}]}\n",
       "p.yaml:4:49: 'words' must be a list; write [ONE, TWO] or one '- ...' per line"},
      {head + "deny: [{tool: git, words: [[]]}]}\n",
       "p.yaml:4:50: a word that is nothing, or more than 64 things; write push, or [cp, sync]"},
      {head + "deny: [{tool: git, options: [--]}]}\n",
       "p.yaml:4:52: '--' is not an option; write --force, -f, or --name=VALUE"},
      {head + "deny: [{tool: git, options: [-o x]}]}\n",
       "p.yaml:4:52: '-o x' has a space; write an option and its value as --name=VALUE, which also "
       "means --name VALUE"},
      {head + "deny: [{tool: git, takes_value: [C]}]}\n",
       "p.yaml:4:56: 'C' is not the name of an option; write --region, -C"},
      {head + "allow: [{tool: git}]}\n",
       "p.yaml:4:31: a rule about a tool can only make an operation stricter: 'allow' does "
       "nothing; "
       "name the program's file or its directory"},
  });
}

TEST(PolicyParser, AFlowMayWaitForANumberOfFiles) {
  const std::string head =
      "policy: p\nlabels: {a: [/srv], b: [/root]}\nnetwork: {default: hold}\n"
      "files: {default: hold}\nexec: {default: hold}\n";
  const auto flow = [&](const std::string& after) {
    return head + "flows: [{after: {" + after + "}, network: deny}]\n";
  };
  const Result<Policy> policy = parse_policy(flow("read: a, files: 1000000"), "p.yaml");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->flows[0].files, 1'000'000u);
  EXPECT_EQ(policy->flows[0].rule.text, "flows: after read of 1000000 files of a: network deny");
  expect_errors({
      {flow("read: a, files: 1000001"),
       "p.yaml:6:34: '1000001' is not a number of files; write 1 to 1000000"},
      {flow("read: a, files: 0"), "p.yaml:6:34: '0' is not a number of files; write 1 to 1000000"},
      {flow("read: a, files: 3x"),
       "p.yaml:6:34: '3x' is not a number of files; write 1 to 1000000"},
      {flow("read: [a, b], files: 3"),
       "p.yaml:6:39: files are counted for one label; write a flow for each, or one label for all"},
  });
}

TEST(PolicyParser, AnEntryMayHaveAClass) {
  const Result<Policy> policy = parse_policy(
      "policy: p\n"
      "labels: {keys: [/root/.ssh, \"**/*.pem\"]}\n"
      "network: {default: hold, hold: [{what: \"192.0.2.7:443\", class: data-export}]}\n"
      "files: {default: allow, read: {hold: [{what: keys, class: secret}, /srv]}}\n"
      "exec: {default: allow, hold: [{tool: git, class: code-change}, {what: /usr/bin/ssh, class: "
      "destructive}]}\n"
      "flows: [{after: {read: keys}, network: deny, class: model-change}]\n",
      "p.yaml");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->network[0].rule.rule_class, RuleClass::data_export);
  EXPECT_EQ(policy->paths[0].rule.rule_class, RuleClass::secret);
  EXPECT_EQ(policy->paths[0].rule.text, "files.read.hold: keys (/root/.ssh, **/*.pem)");
  EXPECT_EQ(policy->paths[1].rule.rule_class, RuleClass::none);
  EXPECT_EQ(policy->paths[2].rule.rule_class, RuleClass::destructive);
  EXPECT_EQ(policy->tools[0].rule.rule_class, RuleClass::code_change);
  EXPECT_EQ(policy->flows[0].rule.rule_class, RuleClass::model_change);
  const std::string head = "policy: p\nnetwork: {default: hold}\nfiles: {default: hold}\n";
  expect_errors({
      {head + "exec: {default: hold, deny: [{what: /a, class: secrets}]}\n",
       "p.yaml:4:48: 'secrets' is not a class; did you mean 'secret'?"},
      {head + "exec: {default: hold, deny: [{what: /a, clas: secret}]}\n",
       "p.yaml:4:41: unknown key 'clas'; did you mean 'class'?"},
      {"policy: p\nfiles: {default: hold, read: {deny: [{class: secret}]}}\n" +
           std::string("network: {default: hold}\nexec: {default: hold}\n"),
       "p.yaml:2:38: 'what' is missing; add 'what: customer-data'"},
  });
}

TEST(PolicyParser, AllErrorsAreFoundAtOnceInTheOrderOfTheFile) {
  std::vector<std::string> found;
  for (const Error& each :
       policy_errors("policy: p\nexec: {default: hold, deny: [ssh, {tool: a/b}]}\nmood: x\n"
                     "mode: mad\nfiles: {default: perhaps}\nnot: y\n",
                     "p.yaml"))
    found.push_back(each.message.substr(0, each.message.find(';')));
  EXPECT_THAT(found,
              testing::ElementsAre(
                  "p.yaml:1:1: 'network' is missing", "p.yaml:2:30: unknown label 'ssh'",
                  "p.yaml:2:42: 'a/b' is a path", "p.yaml:3:1: unknown key 'mood'",
                  "p.yaml:4:7: 'mad' is not a mode", "p.yaml:5:18: 'perhaps' is not a verdict",
                  "p.yaml:6:1: unknown key 'not'"));
  EXPECT_TRUE(policy_errors("policy: p\n" + std::string(kRest), "p.yaml").empty());
}

TEST(PolicyParser, ErrorsAreBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "x,";
  EXPECT_EQ(policy_errors("policy: p\nexec: {default: hold, deny: [" + many + "]}\n", "p").size(),
            YamlReader::kMaxErrors);
}

TEST(PolicyParser, YamlBeyondPlainValuesIsRefused) {
  std::string deep = "policy: " + std::string(17, '[') + std::string(17, ']');
  expect_errors({
      {"policy: &a p\n", "p.yaml:1:9: anchors are not supported here; write the value out"},
      {"labels: &a {x: [/a]}\nfiles: *a\n",
       "p.yaml:1:9: anchors are not supported here; write the value out"},
      {"policy: !!str p\n", "p.yaml:1:9: tags are not supported here; write the plain value"},
      {deep, "p.yaml:1:24: nested too deeply; write it flatter"},
      {"[a]: b\n", "p.yaml:1:1: a list or map as a key; write a plain key"},
      {"~: b\n", "p.yaml:1:1: an empty key; write a plain key"},
      {"policy: p\n---\npolicy: q\n", "p.yaml:3:1: a second document; write one per file"},
      {"policy: [p\n",
       "p.yaml:2:1: bad YAML: end of sequence flow not found; check indentation, quotes, and the "
       "space after each ':'"},
      {"policy: p\nnetwork:\n\tdefault: hold\n",
       "p.yaml:3:1: a tab in the indentation; use spaces"},
      {"policy: p\nnetwork:\n  default: hold\n\tallow: []\n",
       "p.yaml:4:1: a tab in the indentation; use spaces"},
      {"policy: p\nnetwork:\n  allow:\n    - *.example.org\n",
       "p.yaml:4:7: a value that begins with '*' needs quotes; write \"*...\""},
      {"policy: \"a\\x1bb\"\n", "p.yaml:1:9: a control character in a value; remove it"},
      {"policy: p\nowner: \x1b[2J\n", "p.yaml:2:8: a control character; remove it"},
      {"policy: p\n\x04network: {default: allow}\n", "p.yaml:2:1: a control character; remove it"},
      {"policy: p\nowner: M\xfcller\n", "p.yaml:2:9: not UTF-8; save the file as UTF-8"},
      {"policy: p\nowner: \xc0\x84\n", "p.yaml:2:8: not UTF-8; save the file as UTF-8"},
  });
}

TEST(PolicyParser, SizeIsBounded) {
  std::string large = "policy: p\n" + std::string(kMaxYamlSize, '#');
  EXPECT_EQ(error_of(large), "p.yaml:1:1: larger than 1 MiB; say it with fewer entries");
}

TEST(PolicyParser, RulesThatMultiplyAreBounded) {
  std::string paths, uses;
  for (int i = 0; i < 1000; i++) paths += "/" + std::to_string(i) + ",";
  for (int i = 0; i < 1000; i++) uses += "a,";
  EXPECT_EQ(error_of("policy: p\nlabels: {a: [" + paths +
                     "]}\nnetwork: {default: hold}\nexec: {default: hold}\nfiles: {default: hold, "
                     "read: {deny: [" +
                     uses + "]}}\n"),
            "p.yaml:5:168: rules about more than 65536 places; name higher directories");
}

TEST(PolicyParser, OnlyRegularFilesAreRead) {
  EXPECT_EQ(load_policy("/nonexistent.yaml", {}).error().message,
            "policy: open /nonexistent.yaml: No such file or directory");
  EXPECT_EQ(load_policy("/dev/zero", {}).error().message, "policy: /dev/zero: not a regular file");
}

}  // namespace
}  // namespace stayd
