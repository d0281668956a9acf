// SPDX-License-Identifier: Apache-2.0
// A pack that is not trusted is judged by itself, and the strictest of what policy and packs say
// counts; one that is trusted is read as part of the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/explanation.h"
#include "policy/review.h"
#include "policy/values.h"
#include "unit/policy/compiled.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

using Texts = std::map<std::string, std::string>;

std::string with_defaults(std::string sections) {
  for (const char* name : {"network", "files", "exec"})
    if (("\n" + sections).find("\n" + std::string(name) + ":") == std::string::npos)
      sections += std::string(name) + ": {default: allow}\n";
  return "policy: p\n" + sections;
}

Policy policy_with(const std::string& sections, const Texts& texts) {
  const Result<Policy> policy = parse_policy(with_defaults(sections), "p.yaml", packs_of(texts));
  EXPECT_TRUE(policy) << policy.error().message << "\n" << sections;
  return policy ? *policy : Policy{};
}

RuleVerdict judged(const Policy& policy, PathTree& tree, const std::string& operation) {
  const Result<CompiledPolicy> result = compile(policy, tree.resolver());
  EXPECT_TRUE(result) << result.error().message;
  const Result<Attempt> attempt = parse_attempt(operation, tree);
  EXPECT_TRUE(attempt) << attempt.error().message;
  return result && attempt ? decide(*result, *attempt) : RuleVerdict{};
}

// What the policy says once it uses the one pack "k".
Verdict with_pack(const std::string& sections, const std::string& pack,
                  const std::string& operation, bool trusted = false) {
  const Texts texts{{"k", pack_text("k", pack)}};
  PathTree tree;
  const std::string use = trusted ? "use: [k]\ntrust: [k]\n" : "use: [k]\n";
  return judged(policy_with(use + sections, texts), tree, operation).verdict;
}

TEST(Layers, APackThatIsNotTrustedAllowsNothing) {
  const std::string own = "files: {default: hold}\n";
  const std::string pack = "files: {read: {allow: [/srv]}}\n";
  EXPECT_EQ(with_pack(own, pack, "open:/srv/x:read"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "open:/srv/x:read", true), Verdict::allow);
}

TEST(Layers, APackThatNamesAPlaceMoreNarrowlyDoesNotMakeItLaxer) {
  const std::string own = "files: {default: allow, read: {deny: [/home/dev/.ssh]}}\n";
  const std::string pack = "files: {read: {hold: [/home/dev/.ssh/config]}}\n";
  EXPECT_EQ(with_pack(own, pack, "open:/home/dev/.ssh/config:read"), Verdict::deny);
  EXPECT_EQ(with_pack(own, pack, "open:/home/dev/.ssh/config:read", true), Verdict::hold);
}

TEST(Layers, APolicyThatNamesAPlaceMoreNarrowlyDoesNotPutAPackAside) {
  const std::string own = "files: {default: allow, write: {allow: [/srv/project]}}\n";
  const std::string pack = "files: {write: {hold: [/srv]}}\n";
  EXPECT_EQ(with_pack(own, pack, "open:/srv/project/x:write"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "create:/srv/project/x"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "open:/srv/project/x:write", true), Verdict::allow);
}

TEST(Layers, WithinAPackTheMostSpecificRuleWins) {
  const std::string pack = "files: {read: {hold: [/k], allow: [/k/public]}}\n";
  EXPECT_EQ(with_pack("", pack, "open:/k/x:read"), Verdict::hold);
  EXPECT_EQ(with_pack("", pack, "open:/k/public/x:read"), Verdict::allow);
}

TEST(Layers, APackAllowsNoAddressAndNoPortAndMakesThemStricter) {
  const std::string own =
      "network: {default: hold, allow: [10.0.0.0/8], deny: [\"10.1.0.0/16:22\"]}\n";
  const std::string pack =
      "network: {allow: [10.1.2.3, 192.0.2.0/24], hold: [\"10.0.0.0/9:443/tcp\"], deny: "
      "[192.0.2.9]}\n";
  EXPECT_EQ(with_pack(own, pack, "connect:10.1.2.3:22"), Verdict::deny);
  EXPECT_EQ(with_pack(own, pack, "connect:10.1.2.3:22", true), Verdict::allow);
  EXPECT_EQ(with_pack(own, pack, "connect:10.1.2.3:443"), Verdict::allow) << "its own exception";
  EXPECT_EQ(with_pack(own, pack, "connect:10.1.2.4:443"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "connect:10.1.2.4:443/udp"), Verdict::allow);
  EXPECT_EQ(with_pack(own, pack, "connect:10.200.2.4:443"), Verdict::allow);
  EXPECT_EQ(with_pack(own, pack, "connect:192.0.2.1:443"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "connect:192.0.2.9:443"), Verdict::deny);
}

TEST(Layers, APackHoldsAHostThatThePolicyAllows) {
  const std::string own =
      "network: {default: hold, dns: [10.0.0.2], allow: [\"*.example.com:443\", "
      "198.51.100.0/24]}\n";
  const std::string pack =
      "network: {hold: [\"iam.example.com:443\"], allow: [\"*.example.net\"]}\n";
  EXPECT_EQ(with_pack(own, pack, "connect:iam.example.com:443"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "connect:iam.example.com@198.51.100.1:443"), Verdict::hold);
  EXPECT_EQ(with_pack(own, pack, "connect:s3.example.com:443"), Verdict::allow);
  EXPECT_EQ(with_pack(own, pack, "connect:x.example.net:443"), Verdict::hold);
}

TEST(Layers, ProgramsThatOthersCanWriteAreJudgedByEachLayer) {
  const std::string own = "exec: {default: allow, deny: [writable], allow: [/srv/bin]}\n";
  const std::string names = "exec: {hold: [/home/x/tool, /srv/bin/y]}\n";
  EXPECT_EQ(with_pack(own, names, "exec:writable:/home/x/tool"), Verdict::deny)
      << "a pack that names the place does not put aside what the policy says of such programs";
  EXPECT_EQ(with_pack(own, names, "exec:/home/x/tool"), Verdict::hold);
  EXPECT_EQ(with_pack(own, names, "exec:writable:/srv/bin/x"), Verdict::allow);
  EXPECT_EQ(with_pack(own, names, "exec:writable:/srv/bin/y"), Verdict::hold);
  const std::string refuses = "exec: {deny: [writable]}\n";
  EXPECT_EQ(
      with_pack("exec: {default: allow, allow: [/srv/bin]}\n", refuses, "exec:writable:/srv/bin/x"),
      Verdict::deny);
}

TEST(Layers, OnlyThePolicySaysWhatIsAllowedByItsContent) {
  const std::string digest(64, 'a');
  PathTree tree;
  const auto say = [&](const std::string& own, const std::string& pack) {
    const Policy policy = policy_with("use: [k]\n" + own, {{"k", pack_text("k", pack)}});
    const Result<CompiledPolicy> result = compile(policy, tree.resolver());
    Result<Attempt> attempt = parse_attempt("exec:/srv/x", tree);
    attempt->program.sha256 = parse_sha256(digest);
    return decide(*result, *attempt).verdict;
  };
  const std::string rule = "exec: {allow: [\"sha256:" + digest + "\"]}\n";
  EXPECT_EQ(say("exec: {default: deny}\n", rule), Verdict::deny);
  EXPECT_EQ(say("exec: {default: allow}\n", "exec: {hold: [\"sha256:" + digest + "\"]}\n"),
            Verdict::hold);
  EXPECT_EQ(
      say("exec: {default: deny, allow: [\"sha256:" + digest + "\"]}\n", "exec: {hold: [/srv]}\n"),
      Verdict::allow);
}

TEST(Layers, ADirectoryAboveABindMountsRootCounts) {
  // /data/x is bound to /srv/data: the kernel's walk from there goes on to /data.
  const Identity root{1, 1}, data{2, 1}, bound{3, 1};
  const PathResolver resolve = [&](const std::string& path) -> Result<Located> {
    Located located;
    if (path == "/data") {
      located.identities = {data};
      located.components = {{{root, "data"}, data}};
    } else {
      located.identities = {bound};
      located.complete = false;
      located.parents = {{bound, data}, {data, root}};
    }
    return located;
  };
  const Policy policy =
      policy_with("use: [k]\nfiles: {default: hold, read: {allow: [/srv/data]}}\n",
                  {{"k", pack_text("k", "files: {read: {deny: [/data]}}\n")}});
  const Result<CompiledPolicy> result = compile(policy, resolve);
  ASSERT_TRUE(result);
  FileFacts file;
  file.steps = {{{9, 1}, "f"}, {bound, "x"}, {data, "data"}, {root, ""}};
  EXPECT_EQ(judge_node(*result, walk(*result, file), Access::read).verdict, Verdict::deny);
}

TEST(Layers, AnExplanationNamesPackFileAndLine) {
  const Texts texts{{"k", pack_text("k", "files: {write: {hold: [/srv], allow: [/srv/tmp]}}\n")}};
  const Policy policy =
      policy_with("use: [k]\nfiles: {default: deny, write: {allow: [/srv/project]}}\n", texts);
  PathTree tree;
  const Result<Attempt> attempt = parse_attempt("open:/srv/project/x:write", tree);
  const Result<Explanation> said = explain(policy, *attempt, tree, {});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->rule, "pack k: files.write.hold: /srv");
  ASSERT_EQ(said->matches.size(), 2u);
  EXPECT_EQ(said->matches[0].standing, "less strict");
  EXPECT_EQ(said->matches[1].standing, "the strictest of the policy and its packs");
  EXPECT_EQ(said->matches[1].file, "packs/k.yaml");
  EXPECT_EQ(said->matches[1].rule.at.line, 3);
  const Result<Attempt> other = parse_attempt("open:/srv/tmp/x:write", tree);
  const Result<Explanation> allowed = explain(policy, *other, tree, {});
  EXPECT_EQ(allowed->rule, "files.default") << "its exception is from its own rule only";
  EXPECT_EQ(allowed->matches[0].standing, "less specific than k.yaml:3");
}

TEST(Layers, APackIsNoRivalOfThePolicyUnlessItIsTrusted) {
  const Texts texts{{"k", pack_text("k", "files: {read: {deny: [/srv]}}\n")}};
  const std::string own = "files: {default: allow, read: {hold: [/srv]}}\n";
  EXPECT_TRUE(review(policy_with("use: [k]\n" + own, texts)).empty());
  const std::vector<Remark> remarks = review(policy_with("use: [k]\ntrust: [k]\n" + own, texts));
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].text,
            "'files.read.hold: /srv' never decides: 'pack k: files.read.deny: /srv' is as specific "
            "and stricter; remove one");
}

// The rule itself, tried on random policies, packs and operations.
class RandomLayers {
 public:
  explicit RandomLayers(unsigned seed) : random_(seed) {}

  std::string one_of(std::initializer_list<const char*> options) {
    return options.begin()[random_() % options.size()];
  }
  std::string list(const std::function<std::string()>& item) {
    std::string text;
    for (unsigned i = random_() % 3; i > 0; --i) text += (text.empty() ? "" : ", ") + item();
    return "[" + text + "]";
  }
  std::string place() {
    std::string path;
    for (unsigned i = 0; i <= random_() % 3; ++i) path += one_of({"/a", "/b"});
    return path;
  }
  std::string destination() {
    return "\"" +
           one_of({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "a.example.com",
                   "*.example.com"}) +
           one_of({"", ":443", ":400-500", ":443/tcp", ":1-65535/udp"}) + "\"";
  }
  std::string rules(const std::function<std::string()>& item) {
    return "allow: " + list(item) + ", audit: " + list(item) + ", hold: " + list(item) +
           ", deny: " + list(item);
  }
  // `defaults`: of a policy.
  std::string sections(bool defaults) {
    const auto head = [&] {
      return defaults ? "default: " + one_of({"allow", "audit", "hold", "deny"}) + ", " : "";
    };
    const auto of_place = [&] { return place(); };
    std::string text = "files: {" + head() + "read: {" + rules(of_place) + "}, write: {" +
                       rules(of_place) + "}, create: {" + rules(of_place) + "}}\n";
    text += "exec: {" + head() + "hold: " + list(of_place) + ", allow: " + list(of_place) +
            ", deny: " + one_of({"[]", "[memfd]", "[deleted]"}) + "}\n";
    // Few enough that what they say of one address together fits into its sixteen rules.
    const std::string verdict = one_of({"allow", "audit", "hold", "deny"});
    text += "network: {" + head() + verdict + ": " + list([&] { return destination(); }) +
            (defaults ? ", dns: [10.0.0.2]" : "") + "}\n";
    return text;
  }
  std::string operation() {
    const std::string path = place() + one_of({"", "/c"});
    switch (random_() % 6) {
      case 0:
        return "open:" + path + ":" + one_of({"read", "write", "readwrite"});
      case 1:
        return "create:" + path;
      case 2:
        return "delete:" + path;
      case 3:
        return "exec:" + one_of({"", "deleted:"}) + path;
      default:
        return "connect:" +
               one_of({"10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.1", "a.example.com",
                       "b.example.com", "a.example.com@10.1.2.3"}) +
               ":" + one_of({"443", "450", "22"}) + one_of({"", "/udp"});
    }
  }

 private:
  std::mt19937 random_;
};

TEST(Layers, WhatIsDecidedIsTheStrictestOfPolicyAndPacks) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    RandomLayers random(seed);
    const std::string own = random.sections(true);
    const std::string first = random.sections(false), second = random.sections(false);
    const Texts texts{{"k", pack_text("k", first)}, {"l", pack_text("l", second)}};
    const std::string lax = "network: {default: allow, dns: [10.0.0.2]}\n";
    PathTree tree;
    const auto compiled_with = [&](const std::string& sections) {
      const Result<CompiledPolicy> result = compile(policy_with(sections, texts), tree.resolver());
      EXPECT_TRUE(result) << result.error().message;
      return result ? *result : CompiledPolicy{};
    };
    const CompiledPolicy both = compiled_with("use: [k, l]\n" + own);
    const CompiledPolicy alone[] = {compiled_with(own), compiled_with("use: [k]\n" + lax),
                                    compiled_with("use: [l]\n" + lax)};
    for (int i = 0; i < 12; ++i) {
      const std::string operation = random.operation();
      const Result<Attempt> attempt = parse_attempt(operation, tree);
      ASSERT_TRUE(attempt) << attempt.error().message;
      Verdict strictest = Verdict::allow;
      for (const CompiledPolicy& each : alone)
        strictest = stricter(strictest, decide(each, *attempt).verdict);
      ASSERT_EQ(decide(both, *attempt).verdict, strictest)
          << "seed " << seed << ": " << operation << "\n"
          << own << "--- k\n"
          << first << "--- l\n"
          << second;
    }
  }
}

}  // namespace
}  // namespace stayd
