// SPDX-License-Identifier: Apache-2.0
// What stayctl's policy commands print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "ctl/commands.h"
#include "support/temp_dir.h"
#include "unit/api/running_server.h"

namespace stayd {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPolicy =
    "policy: agent\n"
    "applies_to: [{unit: agent.service}, {slice: ai.slice}]\n"
    "labels: {data: [/srv/customers]}\n"
    "network: {default: hold, allow: [\"10.0.0.0/8:443\"], deny: [\"unix:/run/docker.sock\"]}\n"
    "files: {default: allow, read: {hold: [data], allow: [/srv/customers/public]}}\n"
    "exec: {default: allow}\n"
    "flows: [{after: {read: data}, network: deny}]\n"
    "approval: {timeout: 10m}\n";

class PolicyCommands : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }
  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "--socket=/nonexistent");
    return run_stayctl(words, {out_, err_});
  }
  std::string said() const { return out_.str(); }
  std::string complained() const { return err_.str(); }

  test::TempDir directory_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PolicyCommands, CheckTakesADirectoryAndComparesNames) {
  std::filesystem::create_directory(directory_ / "policies");
  write("policies/a.yaml", kPolicy);
  write("policies/b.yaml", kPolicy);
  write("policies/c.yaml", "policy: c\n");
  write("policies/a.test.yaml", "not a policy");
  EXPECT_EQ(run({"policy", "check", directory_ / "policies"}), kExitFailure);
  EXPECT_THAT(said(), HasSubstr("a.yaml: ok; agent: 5 rules, 1 label"));
  EXPECT_THAT(said(), HasSubstr("b.yaml:1:1: warning: 'agent' is also the name of "));
  EXPECT_THAT(said(), HasSubstr("c.yaml:1:1: error: 'network' is missing"));
  EXPECT_THAT(said(), HasSubstr("c.yaml:1:1: error: 'files' is missing"));
  EXPECT_EQ(complained(), "");
  EXPECT_EQ(run({"policy", "check", directory_ / "policies", "--json"}), kExitFailure);
  EXPECT_EQ(parse_json(said())->size(), 3u);
}

TEST_F(PolicyCommands, CheckWarnsOfWhatLooksLikeASlip) {
  const std::string file =
      write("p.yaml", std::string(kPolicy) + "owner: a\nmode: enforce\non_agent_loss: deny\n");
  std::string text = kPolicy;
  text.replace(text.find("hold: [data]"), 12, "hold: [/srv/customers/public]");
  write("p.yaml", text);
  EXPECT_EQ(run({"policy", "check", file}), kExitOk);
  EXPECT_THAT(said(), HasSubstr("p.yaml:5:71: warning: 'files.read.allow: /srv/customers/public' "
                                "never decides"));
  EXPECT_THAT(said(),
              HasSubstr("note: /srv/customers, /run/docker.sock, /srv/customers/public do not "
                        "exist yet"));
}

TEST_F(PolicyCommands, CheckKnowsThePeopleThatThereAre) {
  const std::string people = write("people.yaml",
                                   "people:\n  alice: {accounts: [{unix: \"0\"}]}\n"
                                   "groups:\n  data-stewards: [alice]\n");
  std::string text = kPolicy;
  text.replace(text.find("{timeout"), 0, "{approvers: [data-steward], ");
  text.erase(text.find(", {timeout") + 2, 1);
  const std::string file = write("p.yaml", text);
  EXPECT_EQ(run({"policy", "check", file, "--people", people}), kExitFailure);
  EXPECT_THAT(said(), HasSubstr("p.yaml:8:11: error: there is no group 'data-steward' in "
                                "people.yaml; did you mean 'data-stewards'?"));
}

TEST_F(PolicyCommands, EachLineOfCheckIsOneThatEditorsParse) {
  const std::string file = write(
      "p.yaml",
      "policy: p\nnetwork: {default: hold}\nfiles: {default: allow, read: {hold: [/no/a, /no/b, "
      "/no/c, /no/d, /no/e]}}\nexec: {default: allow, hold: [{tool: git}, \"Bash(rm:*)\"]}\n");
  EXPECT_EQ(run({"policy", "check", file}), kExitOk);
  const std::string all = said();
  EXPECT_THAT(all, HasSubstr("p.yaml:4:44: warning: 'Bash(rm:*)' is how another tool says it"));
  EXPECT_THAT(all, HasSubstr("p.yaml:4:31: note: rules about tools (line 4) do not cover "));
  EXPECT_THAT(all,
              HasSubstr("p.yaml:3:39: note: /no/a, /no/b, /no/c and 2 more (--json lists them) "
                        "do not exist yet; rules about them apply once they appear\n"));
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);)
    EXPECT_THAT(line, testing::AnyOf(
                          testing::ContainsRegex("^[^:]*p.yaml:[0-9]+:[0-9]+: (warning|note): ."),
                          HasSubstr("p.yaml: ok; ")));
  EXPECT_EQ(run({"policy", "check", directory_ / "absent.yaml"}), kExitFailure);
  EXPECT_THAT(said(), HasSubstr("absent.yaml:1:1: error: "));
}

TEST_F(PolicyCommands, CheckWarnsOfALinkToManyProgramsInOne) {
  write("busybox", "");
  std::filesystem::create_symlink("busybox", directory_ / "wget");
  const std::string link = directory_ / "wget";
  const std::string file = write("p.yaml",
                                 "policy: p\nnetwork: {default: hold}\nfiles: {default: allow}\n"
                                 "exec: {default: allow, deny: [" +
                                     link + "]}\n");
  EXPECT_EQ(run({"policy", "check", file}), kExitOk);
  EXPECT_THAT(said(), HasSubstr("p.yaml:4:31: warning: " + link + " is a link to "));
  EXPECT_THAT(said(),
              HasSubstr("so the rule is about all that busybox can do; write {tool: wget}"));
}

TEST_F(PolicyCommands, ExplainSaysWhatHappensByWhichRuleAndWhyNotByOthers) {
  const std::string file = write("p.yaml", kPolicy);
  EXPECT_EQ(run({"policy", "explain", file, "open:/srv/customers/public/a:read"}), kExitOk);
  EXPECT_EQ(said(), "allow, by files.read.allow: /srv/customers/public\n  goes on\n\n" + file +
                        "\n"
                        "  line 5: files.read.hold: data\n"
                        "    names /srv/customers, 2 directories up; less specific than line 5\n"
                        "> line 5: files.read.allow: /srv/customers/public\n"
                        "    names /srv/customers/public, 1 directory up; wins: the most specific\n"
                        "  default: allow\n");
  EXPECT_EQ(run({"policy", "explain", file, "connect:unix:/run/docker.sock"}), kExitOk);
  EXPECT_THAT(said(),
              HasSubstr("deny, by network.deny: unix:/run/docker.sock\n  fails with EPERM"));
  EXPECT_EQ(run({"policy", "explain", file, "connect:192.0.2.7:443"}), kExitOk);
  EXPECT_THAT(said(), HasSubstr("hold, by network.default\n  waits until one person who may answer "
                                "approves, at most 10m\n"));
  EXPECT_THAT(said(), HasSubstr("  no rule says anything about it\n> default: hold\n"));
}

TEST_F(PolicyCommands, ExplainAsAWorkloadFindsItsPolicy) {
  write("a.yaml", "policy: broken\n");
  write("b.yaml", kPolicy);
  std::string other = kPolicy;
  other.replace(other.find("agent\n"), 5, "other");
  write("c.yaml", other);
  const auto as = [&](const std::string& who, const std::string& operation) {
    return run({"policy", "explain", "--as", who, "--policies", directory_ / "", operation});
  };
  EXPECT_EQ(as("unit:agent.service", "open:/srv/customers/a:read"), kExitOk) << complained();
  EXPECT_THAT(said(), HasSubstr("b.yaml, 'unit: agent.service' applies to "
                                "/system.slice/agent.service\n"));
  EXPECT_THAT(complained(), HasSubstr("left out: "));
  EXPECT_THAT(complained(), HasSubstr("c.yaml also applies to it; the first one counts"));
  EXPECT_EQ(as("slice:ai.slice", "exec:/usr/bin/git"), kExitOk);
  EXPECT_THAT(said(), HasSubstr("'slice: ai.slice' applies to /ai.slice/any.scope"));
  EXPECT_EQ(as("cgroup:/ai.slice/a/b", "exec:/usr/bin/git"), kExitOk) << "below a workload";
  EXPECT_THAT(said(), HasSubstr("applies to /ai.slice/a\n"));
  EXPECT_EQ(as("unit:nobody.service", "exec:/usr/bin/git"), kExitFailure);
  EXPECT_THAT(complained(), HasSubstr("applies to '/system.slice/nobody.service'"));
  EXPECT_EQ(as("user:x", "exec:/usr/bin/git"), kExitFailure);
  EXPECT_THAT(complained(), HasSubstr("who is 'user:x'? write unit:NAME.service"));
}

TEST_F(PolicyCommands, ExplainAsAWorkloadPrefersWhatIsInForce) {
  const std::string file = write("by-hand.yaml", kPolicy);
  RunningServer server;
  server.on_desk([&](FakeService& service, Server&) {
    service.status_shown = {{"workloads", {{{"cgroup", "/w"}, {"policy_file", file}}}}};
  });
  const std::vector<std::string> words = {"--socket=" + server.path(), "policy", "explain", "--as",
                                          "cgroup:/w/child",           "exec:/x"};
  EXPECT_EQ(run_stayctl(words, {out_, err_}), kExitOk) << complained();
  EXPECT_THAT(said(), HasSubstr("by-hand.yaml, in force for /w/child\n"));
}

TEST_F(PolicyCommands, TestNamesWhatFailsAndWhatNoCaseDecides) {
  write("p.yaml", kPolicy);
  const std::string cases = write("p.test.yaml",
                                  "policy: p.yaml\ncases:\n"
                                  "  - {do: \"open:/srv/customers/a:read\", expect: hold}\n"
                                  "  - {do: \"connect:10.1.1.1:443\", expect: deny}\n");
  EXPECT_EQ(run({"policy", "test", cases}), kExitFailure);
  EXPECT_THAT(said(), HasSubstr("p.test.yaml:4:5: 'connect:10.1.1.1:443': expected deny, got allow "
                                "by 'network.allow: 10.0.0.0/8:443'\n"));
  EXPECT_THAT(said(), HasSubstr("p.test.yaml: 1 passed, 1 failed\n"));
  EXPECT_THAT(said(), HasSubstr("p.yaml:5:"));
  EXPECT_THAT(said(), HasSubstr("no case is decided by 'files.read.allow: /srv/customers/public'"));
  EXPECT_EQ(run({"policy", "test", cases, "--json"}), kExitFailure);
  EXPECT_EQ((*parse_json(said()))["failed"], 1);
  EXPECT_EQ(run({"policy", "test", directory_ / "nothing"}), kExitFailure);
}

// A policy that uses a pack of this directory.
class PolicyPacks : public PolicyCommands {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(directory_ / "packs");
    pack_ = write("packs/git.yaml",
                  "pack: git\nabout: What git does.\n"
                  "parameters: {repository: {means: where the work is, example: /home/dev/x}}\n"
                  "files: {write: {hold: [$repository/.git/hooks]}}\n");
    std::string text = kPolicy;
    text.replace(text.find("network:"), 0, "use: [git]\nwith: {repository: /home/dev/project}\n");
    policy_ = write("p.yaml", text);
    packs_ = "--packs=" + std::string(directory_ / "packs");
  }

  std::string pack_, policy_, packs_;
};

TEST_F(PolicyPacks, CheckShowsThePolicyAndItsPacksTogether) {
  EXPECT_EQ(run({"policy", "check", policy_, packs_, "--merged"}), kExitOk) << complained();
  EXPECT_THAT(said(), HasSubstr("; packs: git\n"));
  EXPECT_THAT(said(), HasSubstr("\n" + policy_ + ": policy agent\n  network.default: hold\n"));
  EXPECT_THAT(said(), HasSubstr("\n" + pack_ +
                                ": pack git, which can only make the policy stricter\n"
                                "  What git does.\n"
                                "  line 4: files.write.hold: /home/dev/project/.git/hooks\n"));
  EXPECT_EQ(run({"policy", "check", policy_, packs_, "--merged", "--json"}), kExitOk);
  const nlohmann::json sources = (*parse_json(said()))["merged"]["sources"];
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[1]["file"], pack_);
  EXPECT_EQ(sources[1]["trusted"], false);
  EXPECT_EQ(sources[1]["rules"][0]["verdict"], "hold");
}

TEST_F(PolicyPacks, AnErrorInAPackNamesItsFile) {
  write("packs/git.yaml",
        "pack: git\nabout: What git does.\n"
        "parameters: {repository: {means: where the work is, example: /x}}\nfiles: {wirte: {}}\n");
  EXPECT_EQ(run({"policy", "check", policy_, packs_}), kExitFailure);
  EXPECT_THAT(said(),
              HasSubstr(pack_ + ":4:9: error: unknown key 'wirte'; did you mean 'write'?\n"));
}

TEST_F(PolicyPacks, ExplainNamesThePackItsFileAndItsLine) {
  EXPECT_EQ(
      run({"policy", "explain", policy_, packs_, "create:/home/dev/project/.git/hooks/pre-push"}),
      kExitOk)
      << complained();
  EXPECT_THAT(said(), HasSubstr("hold, by pack git: files.write.hold: "
                                "/home/dev/project/.git/hooks\n"));
  EXPECT_THAT(said(), HasSubstr("> " + pack_ + ":4: pack git: files.write.hold: "));
}

TEST_F(PolicyPacks, CasesOfAPackAreWrittenWithAPolicyThatUsesIt) {
  const std::string cases = write("packs/git.test.yaml",
                                  "policy:\n"
                                  "  policy: test\n"
                                  "  use: [git]\n"
                                  "  with: {repository: /w}\n"
                                  "  network: {default: allow}\n"
                                  "  files: {default: allow}\n"
                                  "  exec: {default: allow}\n"
                                  "cases:\n"
                                  "  - {do: \"open:/w/x:write\", expect: allow}\n");
  EXPECT_EQ(run({"policy", "test", cases, packs_}), kExitOk) << complained();
  EXPECT_EQ(said(), cases + ": 1 passed, 0 failed\n" + pack_ +
                        ":4:24: no case is decided by 'pack git: files.write.hold: "
                        "/w/.git/hooks'\n");
}

// The record of a workload under the policy "agent" and of another.
class PolicyDiff : public PolicyCommands {
 protected:
  void add(const nlohmann::json& event) { std::ofstream(record(), std::ios::app) << event << '\n'; }
  std::string record() const { return directory_ / "record.jsonl"; }
  void assign(const std::string& cgroup, const std::string& policy) {
    add({{"event", "assigned"}, {"cgroup", cgroup}, {"policy", policy}});
  }
  static nlohmann::json open(const std::string& path, const std::string& disposition) {
    return {{"kind", "open"},
            {"disposition", disposition},
            {"access", {"read"}},
            {"path", path},
            {"caller", {{"cgroup", "/a/child"}}}};
  }
  static nlohmann::json connect(const std::string& to, const std::string& disposition) {
    return {{"kind", "connect"},
            {"disposition", disposition},
            {"endpoint", to},
            {"caller", {{"cgroup", "/a/child"}}}};
  }
  void operation(const nlohmann::json& what, const std::string& rule,
                 const std::string& time = "2026-01-31T09:05:07.042Z") {
    add({{"event", "operation"}, {"time", time}, {"operation", what}, {"rule", rule}});
  }
  void ticket(int id, int hold, const nlohmann::json& what, const std::string& rule,
              const std::string& policy = "agent", const std::string& cgroup = "/a") {
    add({{"event", "ticket_opened"},
         {"time", "2026-01-31T10:00:00.000Z"},
         {"ticket", id},
         {"hold", hold},
         {"shown",
          {{"operation", what}, {"workload", cgroup}, {"policy", policy}, {"rule", rule}}}});
  }
  int diff(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"policy", "diff", write("new.yaml", kPolicy), "--record",
                                      record()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(PolicyDiff, SaysWhatWouldBeDecidedOtherwiseAndByWhichRules) {
  assign("/a", "agent");
  ticket(1, 11, open("/srv/customers/public/a.csv", "held"), "files.read.hold: data (/srv)");
  add({{"event", "hold_joined"}, {"ticket", 1}, {"hold", 12}});
  operation(open("/etc/passwd", "denied"), "files.read.deny: /etc");
  operation(connect("198.51.100.7:80/tcp", "audited"), "network.default");
  operation(open("/srv/customers/b.csv", "would_hold"), "files.read.hold: data (/srv)");
  EXPECT_EQ(diff(), kExitOk) << complained();
  EXPECT_EQ(said(),
            "laxer:\n"
            "  hold -> allow  2 times, last \n"
            "    was files.read.hold: data\n"
            "    now files.read.allow: /srv/customers/public\n"
            "      open:/srv/customers/public/a.csv:read  2 times\n"
            "  deny -> allow  1 time, last 2026-01-31T09:05:07.042Z\n"
            "    was files.read.deny: /etc\n"
            "    now files.default\n"
            "      open:/etc/passwd:read\n"
            "stricter:\n"
            "  audit -> hold  1 time, last 2026-01-31T09:05:07.042Z\n"
            "    was network.default\n"
            "    now network.default\n"
            "      connect:198.51.100.7:80/tcp\n"
            "4 different, 1 the same. What was plainly allowed is not in the record.\n");
}

TEST_F(PolicyDiff, LeavesOutWorkloadsUnderOtherPoliciesUnlessOneIsChosen) {
  assign("/a", "other");
  operation(open("/etc/passwd", "denied"), "x");
  EXPECT_EQ(diff(), kExitOk);
  EXPECT_EQ(said(), "");
  EXPECT_THAT(complained(), HasSubstr("no operations of workloads under a policy named 'agent'; it "
                                      "has those of other"));
  EXPECT_EQ(diff({"--as", "cgroup:/a"}), kExitOk);
  EXPECT_THAT(said(), HasSubstr("1 different, 0 the same"));
}

TEST_F(PolicyDiff, FlowsCountWhatTheRecordSaysWasRead) {
  assign("/a", "agent");
  operation(connect("10.0.0.1:443/tcp", "audited"), "x");
  add({{"event", "touched"}, {"cgroup", "/a"}, {"labels", {"data", "unknown"}}});
  operation(connect("10.0.0.1:443/tcp", "audited"), "x");
  add({{"event", "unassigned"}, {"cgroup", "/a"}});
  assign("/a", "agent");
  operation(connect("10.0.0.1:443/tcp", "audited"), "x");
  EXPECT_EQ(diff(), kExitOk);
  EXPECT_THAT(said(), HasSubstr("audit -> allow  2 times"));
  EXPECT_THAT(said(), HasSubstr("audit -> deny  1 time"));
}

TEST_F(PolicyDiff, AReadThatWasApprovedCountsForFlowsAndOneThatWasDeniedDoesNot) {
  for (const bool allow : {false, true}) {
    std::filesystem::remove(record());
    assign("/a", "agent");
    ticket(1, 11, open("/srv/customers/a", "held"), "files.read.hold: data");
    add({{"event", "released"}, {"ticket", 1}, {"hold", 11}, {"allow", allow}});
    operation(connect("10.0.0.1:443/tcp", "denied"), "x");
    EXPECT_EQ(diff(), kExitOk);
    EXPECT_THAT(said(), HasSubstr(allow ? "0 different, 2 the same" : "1 different, 1 the same"));
  }
}

TEST_F(PolicyDiff, PathsAreReadBackAndWhatCannotBeIsCounted) {
  assign("/a", "agent");
  operation(connect("[fe80::1%2]:80/tcp", "would_hold"), "x");
  operation(open("/srv/customers/caf\\u{e9}", "would_hold"), "x");
  operation(open("/srv/customers/\\[9 bytes left out]", "would_hold"), "x");
  EXPECT_EQ(diff(), kExitOk);
  EXPECT_THAT(said(), HasSubstr("0 different, 2 the same, 1 not comparable."));
}

TEST_F(PolicyDiff, ReadsRotatedFilesFirstAndOnlyTheTimeThatWasAsked) {
  assign("/a", "agent");
  operation(open("/etc/passwd", "denied"), "x", "2020-01-01T00:00:00.000Z");
  std::filesystem::rename(record(), directory_ / "record-000000000001.jsonl");
  operation(open("/etc/group", "denied"), "x", "2999-01-01T00:00:00.000Z");
  EXPECT_EQ(diff(), kExitOk);
  EXPECT_THAT(said(), HasSubstr("2 different"));
  EXPECT_EQ(diff({"--since", "24h"}), kExitOk);
  EXPECT_THAT(said(), HasSubstr("1 different"));
  EXPECT_EQ(run({"policy", "diff", directory_ / "new.yaml", "--record", directory_ / "none.jsonl"}),
            kExitFailure);
}

TEST_F(PolicyDiff, LinesThatAreNoneArePassedOver) {
  std::ofstream(record()) << "{\"event\": 3}\n[]\nnot json\n{\"event\":\"operation\"}\n"
                          << "{\"event\":\"operation\",\"operation\":{\"disposition\":\"held\"}}\n"
                          << "{\"event\":\"ticket_opened\",\"shown\":[]}\n";
  EXPECT_EQ(diff(), kExitOk);
  EXPECT_EQ(diff({"--json"}), kExitOk);
  EXPECT_EQ((*parse_json(said()))["different"], 0);
}

}  // namespace
}  // namespace stayd
