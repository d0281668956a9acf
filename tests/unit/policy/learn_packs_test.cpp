// SPDX-License-Identifier: Apache-2.0
// Drafts on top of the packs that come with stayd: what is learned, and what never is.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <optional>

#include "policy/attempt.h"
#include "policy/draft.h"
#include "unit/policy/learned.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kRepository = "/home/dev/project";

PacksSaid agent_packs() {
  return {.use = {{"coding-agent"}, {"git"}, {"secrets"}},
          .with = {{"repository", {kRepository}}},
          .trust = {"coding-agent"},
          .user = "dev"};
}

class LearnedOnPacks : public testing::Test {
 protected:
  explicit LearnedOnPacks(PacksSaid said = agent_packs())
      : base_(
            draft_base(std::move(said), {kResolver}, packs_in({STAYD_PACK_DIRECTORY}, Trust::any))),
        learner_(base_) {}

  void open(const std::string& path, bool write, std::uint32_t flags = 0) {
    Operation operation;
    operation.path = path;
    operation.read = !write;
    operation.write = write;
    operation.open_flags = flags;
    see(operation);
  }
  void reads(const std::string& path) { open(path, false); }
  void writes(const std::string& path) { open(path, true); }
  void does(OperationKind kind, const std::string& path, const std::string& to = "") {
    Operation operation;
    operation.kind = kind;
    operation.path = path;
    operation.new_path = to;
    see(operation);
  }
  void runs(const std::vector<std::string>& arguments) {
    Operation operation;
    operation.kind = OperationKind::exec;
    operation.path = arguments.front();
    operation.arguments = arguments;
    see(operation);
  }
  void connects(const std::string& host, std::uint8_t last, std::uint64_t bytes = 0,
                std::uint16_t port = 443) {
    Operation operation;
    operation.kind = OperationKind::connect;
    operation.endpoint.address = kResolver;
    operation.endpoint.address[12] = 198;
    operation.endpoint.address[15] = last;
    operation.endpoint.port = port;
    operation.endpoint.protocol = IPPROTO_TCP;
    see(operation, host.empty() ? std::vector<std::string>() : std::vector{host});
    sent_[last] += bytes;
  }
  void see(Operation& operation, const std::vector<std::string>& hosts = {}) {
    operation.time = now_ += 1min;
    made_.reset();
    judge_.reset();
    learner_.observe(operation, hosts, sent());
  }
  Learner::SentTo sent() {
    return [this](const Endpoint& to) { return sent_[to.address[15]]; };
  }

  const Draft& made() {
    if (made_) return *made_;
    learner_.finish(sent());
    return made_.emplace(draft(learner_.seen(), *base_, {"/ai.slice/agent.service", "1h"}));
  }
  std::string text() { return made().text; }
  // What the draft says of an operation; it has to be a policy.
  Verdict says(const std::string& operation) {
    if (!judge_) {
      Result<DraftJudge> judge = base_->load(text());
      EXPECT_TRUE(judge) << judge.error().message << text();
      if (!judge) return Verdict::allow;
      judge_ = std::move(*judge);
    }
    PathTree tree;
    const Result<Attempt> attempt = parse_attempt(operation, tree);
    EXPECT_TRUE(attempt) << attempt.error().message;
    return judge_->judge(*attempt).verdict;
  }
  // The draft's lines down to its questions.
  std::size_t lines() {
    const std::string all = text();
    return static_cast<std::size_t>(std::count(
        all.begin(),
        all.begin() + static_cast<std::ptrdiff_t>(std::min(all.find("\n# Questions"), all.size())),
        '\n'));
  }

  std::shared_ptr<const DraftBase> base_;
  Learner learner_;
  TimePoint now_{};
  std::map<std::uint8_t, std::uint64_t> sent_;  // by the address's last byte
  std::optional<Draft> made_;                   // of what has been seen by now
  std::optional<DraftJudge> judge_;             // that decides by it
};

// As codex works, and then as something that was talked into more than that.
class LearnedOfCodex : public LearnedOnPacks {
 protected:
  LearnedOfCodex() {
    for (int i = 0; i < 40; ++i) {
      const std::string file = std::string(kRepository) + "/src/f" + std::to_string(i) + ".py";
      reads(file);
      does(OperationKind::create, file + ".tmp");
      writes(file + ".tmp");
      does(OperationKind::rename, file + ".tmp", file);
    }
    writes("/home/dev/.codex/sessions/2026/rollout-1.jsonl");
    writes("/home/dev/.cache/pip/x");
    writes("/dev/null");
    does(OperationKind::create, "/tmp/tmpk2j1");
    for (const char* program : {"/usr/bin/rg", "/usr/bin/sed", "/usr/bin/python3"})
      runs({program, "-n", "x"});
    for (int i = 0; i < 17; ++i) connects("api.model.example.com", 1, 4 << 10);
  }
  void is_talked_into_more() {
    runs({"/usr/bin/git", "push", "origin", "main"});
    connects("git.example.com", 2, 2000);
    connects("git.example.com", 2, 2000);
    reads("/home/dev/.ssh/id_rsa");
    connects("paste.example.net", 3, 3000);
    connects("paste.example.net", 3, 3000);
    connects("upload.example.org", 4, 5 << 20);
  }
};

TEST_F(LearnedOfCodex, WhatThePacksCoverIsNotListed) {
  const std::string said = text();
  EXPECT_THAT(said, Not(HasSubstr("/home/dev/project/src")));
  EXPECT_THAT(said, Not(HasSubstr("/usr/bin/rg")));
  EXPECT_THAT(said, HasSubstr("files: {default: allow}\nexec: {default: allow}\n"));
  EXPECT_THAT(said, HasSubstr("- \"api.model.example.com:443/tcp\"\n"));
  EXPECT_THAT(said, Not(HasSubstr("# Questions")));
}

TEST_F(LearnedOfCodex, ADraftBeginsWithThePacksAsAPersonNamedThem) {
  EXPECT_THAT(text(), HasSubstr("user: dev\nuse: [coding-agent, git, secrets]\n"
                                "with: {repository: \"/home/dev/project\"}\n"
                                "trust: [coding-agent]\n"));
}

TEST_F(LearnedOfCodex, SecretsPasteSitesAndUploadsAreQuestionsAndNotAllowed) {
  is_talked_into_more();
  EXPECT_EQ(says("open:/home/dev/.ssh/id_rsa:read"), Verdict::hold);
  EXPECT_EQ(says("connect:paste.example.net:443"), Verdict::hold);
  EXPECT_EQ(says("connect:upload.example.org:443"), Verdict::hold);
  EXPECT_EQ(says("exec:/usr/bin/git push origin main"), Verdict::hold);
  EXPECT_EQ(says("connect:api.model.example.com:443"), Verdict::allow);
  EXPECT_EQ(says("connect:git.example.com:443"), Verdict::allow);
  const std::string said = text();
  EXPECT_THAT(said, HasSubstr("4 questions are left to you"));
  EXPECT_THAT(said, HasSubstr("# 1. secret: read of /home/dev/.ssh/id_rsa, once. Pack secrets, "
                              "line "));
  EXPECT_THAT(said, HasSubstr("code-change: exec of /usr/bin/git, once. Pack git, line "));
  EXPECT_THAT(said, HasSubstr("connect to paste.example.net:443/tcp. It was first reached after "
                              "/home/dev/.ssh/id_rsa was read."));
  EXPECT_THAT(said,
              HasSubstr("connect to upload.example.org:443/tcp. It was first reached after "
                        "/home/dev/.ssh/id_rsa was read. It got 5 MiB at the first contact."));
  EXPECT_THAT(said, Not(HasSubstr("all the same")));
  EXPECT_THAT(said, Not(HasSubstr("ALLOWED")));
}

TEST_F(LearnedOfCodex, ADraftFitsAScreenBesidesItsQuestions) {
  is_talked_into_more();
  EXPECT_LE(lines(), 24u) << text();
  EXPECT_EQ(made().questions, 4u);
}

TEST_F(LearnedOfCodex, TheLinesOfAQuestionAllowItAndNothingElseDoes) {
  is_talked_into_more();
  std::string said = text();
  const std::string without = "use: {pack: secrets, without: [\"**/id_rsa\", \"~/.ssh\"]}";
  ASSERT_THAT(said, HasSubstr("#    " + without + "\n"));
  ASSERT_THAT(said, HasSubstr("#    network.allow: [\"paste.example.net:443/tcp\"]\n"));
  said.replace(said.find("git, secrets]"), 13,
               "git, {pack: secrets, without: [\"**/id_rsa\", \"~/.ssh\"]}]");
  const Result<DraftJudge> judge = base_->load(said);
  ASSERT_TRUE(judge) << judge.error().message;
  PathTree tree;
  EXPECT_EQ(judge->judge(*parse_attempt("open:/home/dev/.ssh/id_rsa:read", tree)).verdict,
            Verdict::allow);
  EXPECT_EQ(judge->judge(*parse_attempt("open:/home/dev/.netrc:read", tree)).verdict,
            Verdict::hold);
}

TEST_F(LearnedOfCodex, ArgumentsOfProgramsAreNotInADraft) {
  runs({"/usr/bin/git", "push", "https://bob:hunter2@git.example.com/x"});
  EXPECT_THAT(text(), HasSubstr("exec of /usr/bin/git"));
  EXPECT_THAT(text(), Not(HasSubstr("hunter2")));
}

TEST_F(LearnedOfCodex, WhatWasSeenAgainUnderTheDraftIsHeldOnlyIfItIsAQuestion) {
  is_talked_into_more();
  writes("/srv/shared/out/a");
  writes("/home/dev/.bashrc");
  does(OperationKind::unix_socket, "/run/docker.sock");
  does(OperationKind::unix_socket, "/run/systemd/journal/stdout");
  EXPECT_EQ(says("open:/home/dev/.bashrc:write"), Verdict::hold);
  EXPECT_EQ(says("connect:unix:/run/docker.sock"), Verdict::hold);
  EXPECT_EQ(says("connect:unix:/run/systemd/journal/stdout"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/shared/out/a:write"), Verdict::deny) << "the pack denies /srv";
  EXPECT_EQ(made().questions, 7u) << text();
  EXPECT_THAT(text(), HasSubstr("files.write.allow: [\"/srv/shared/out/a\"]"));
}

TEST_F(LearnedOnPacks, WhatNoPackNamesIsAllowedAsItWasSeen) {
  for (const char* file : {"a", "b", "c"}) writes("/mnt/data/out/" + std::string(file));
  does(OperationKind::create, "/home/dev/notes/today.md");
  EXPECT_EQ(says("open:/mnt/data/out/d:write"), Verdict::allow);
  EXPECT_EQ(says("create:/home/dev/notes/tomorrow.md"), Verdict::allow);
  EXPECT_EQ(says("open:/mnt/data/in:write"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("- \"/mnt/data/out\"  # WIDER: 3 files seen below it\n"));
  EXPECT_EQ(made().questions, 0u);
}

TEST_F(LearnedOnPacks, ADestinationIsAllowedOnlyOnceItWasReachedTwice) {
  connects("a.example.com", 1);
  EXPECT_EQ(says("connect:a.example.com:443"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("connect to a.example.com:443/tcp. It was reached once."));
  connects("a.example.com", 2);
  EXPECT_EQ(says("connect:a.example.com:443"), Verdict::allow);
}

TEST_F(LearnedOnPacks, ConnectionsWithinASecondAreOneContact) {
  Operation operation;
  operation.kind = OperationKind::connect;
  operation.endpoint.port = 443;
  operation.endpoint.protocol = IPPROTO_TCP;
  for (std::uint8_t last : {1, 2, 3}) {
    operation.endpoint.address = kResolver;
    operation.endpoint.address[12] = 198;
    operation.endpoint.address[15] = last;
    learner_.observe(operation, {"a.example.com"}, sent());
  }
  EXPECT_EQ(says("connect:a.example.com:443"), Verdict::hold);
}

TEST_F(LearnedOnPacks, AnUploadAtTheFirstContactIsAQuestionHoweverOftenItIsReached) {
  connects("a.example.com", 1, 65 << 10);
  for (int i = 0; i < 5; ++i) connects("a.example.com", 1);
  EXPECT_EQ(says("connect:a.example.com:443"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("It got 65 KiB at the first contact."));
}

TEST_F(LearnedOnPacks, AContactUnderSeveralNamesCountsForNoneThatIsKnown) {
  Operation operation;
  operation.kind = OperationKind::connect;
  operation.endpoint.address = kResolver;
  operation.endpoint.port = 443;
  operation.endpoint.protocol = IPPROTO_TCP;
  operation.endpoint.address[12] = 198;
  see(operation, {"paste.example.net"});
  for (int i = 0; i < 4; ++i) see(operation, {"files.example.org", "paste.example.net"});
  EXPECT_EQ(says("connect:paste.example.net:443"), Verdict::hold);
  EXPECT_EQ(says("connect:files.example.org:443"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("other names stand for its address"));
}

TEST_F(LearnedOnPacks, ADomainIsNotNamedIfAQuestionIsInIt) {
  for (std::uint8_t i = 0; i < 5; ++i)
    for (int times = 0; times < 2; ++times)
      connects("h" + std::to_string(i) + ".cdn.example.net", i);
  EXPECT_EQ(says("connect:z.cdn.example.net:443"), Verdict::allow);
  connects("z.cdn.example.net", 9);
  EXPECT_EQ(says("connect:z.cdn.example.net:443"), Verdict::hold);
  EXPECT_EQ(says("connect:h1.cdn.example.net:443"), Verdict::allow);
}

TEST_F(LearnedOnPacks, WhatAPackDeniesIsAQuestion) {
  Operation operation;
  operation.kind = OperationKind::connect;
  operation.endpoint.address = kResolver;
  operation.endpoint.port = 80;
  operation.endpoint.protocol = IPPROTO_TCP;
  for (const auto& [at, byte] : {std::pair{12, 169}, {13, 254}, {14, 169}, {15, 254}})
    operation.endpoint.address[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(byte);
  see(operation);
  see(operation);
  EXPECT_EQ(says("connect:169.254.169.254:80"), Verdict::deny);
  EXPECT_THAT(text(), HasSubstr("connect of 169.254.169.254:80/tcp, 2 times. Pack coding-agent, "));
}

TEST_F(LearnedOnPacks, OneEntryOfAPackIsOneQuestion) {
  for (int i = 0; i < 60; ++i) reads("/home/dev/.aws/f" + std::to_string(i));
  EXPECT_EQ(made().questions, 1u);
  EXPECT_THAT(text(), HasSubstr("/home/dev/.aws/f0, /home/dev/.aws/f1, /home/dev/.aws/f2 and "
                                "others, 60 times"));
}

class LearnedWithAModel : public LearnedOnPacks {
 protected:
  static PacksSaid packs() {
    PacksSaid said = agent_packs();
    said.with.push_back({"model-api", {"api.model.example.com:443"}});
    return said;
  }
  LearnedWithAModel() : LearnedOnPacks(packs()) {}
};

TEST_F(LearnedWithAModel, WhatAPersonSaidMayGetSecretsIsNoQuestion) {
  reads("/home/dev/.netrc");
  connects("api.model.example.com", 1, 5 << 20);
  connects("other.example.com", 2);
  EXPECT_EQ(says("connect:api.model.example.com:443"), Verdict::allow);
  EXPECT_EQ(says("connect:other.example.com:443"), Verdict::hold);
  EXPECT_EQ(made().questions, 2u) << text();
}

// Packs that are not trusted make a draft stricter, and nothing besides.
class LearnedOnSecrets : public LearnedOnPacks {
 protected:
  LearnedOnSecrets() : LearnedOnPacks({.use = {{"secrets"}}, .user = "dev"}) {}
};

TEST_F(LearnedOnSecrets, TheRestIsAllowedAsItWasSeenAndHeldByDefault) {
  for (const char* file : {"a", "b", ".env"}) reads("/srv/in/" + std::string(file));
  reads("/srv/in/c");
  runs({"/usr/bin/python3", "x.py"});
  EXPECT_EQ(says("open:/srv/in/d:read"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/in/.env:read"), Verdict::hold);
  EXPECT_EQ(says("open:/srv/out:read"), Verdict::hold);
  EXPECT_EQ(says("exec:/usr/bin/python3"), Verdict::allow);
  EXPECT_EQ(says("exec:/usr/bin/perl"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("use: {pack: secrets, without: [\"**/.env\"]}"));
  EXPECT_THAT(text(), Not(HasSubstr("Not seen to be read"))) << "the pack names more of them";
}

TEST(DraftBases, WhatIsWrongWithThePacksIsTheError) {
  const PackSource packs = packs_in({STAYD_PACK_DIRECTORY}, Trust::any);
  const auto error_of = [&](PacksSaid said) {
    const auto base = DraftBase::create({.packs = std::move(said), .source = packs});
    return base ? std::string("none") : base.error().message;
  };
  EXPECT_THAT(error_of({.use = {{"gti"}}}), HasSubstr("no pack 'gti'"));
  EXPECT_THAT(error_of({.use = {{"git"}}}), HasSubstr("needs 'repository'"));
  EXPECT_THAT(error_of({.use = {{"git"}}, .trust = {"secrets"}}),
              HasSubstr("'secrets' is not used"));
}

TEST(DraftBases, WhateverBytesAPersonSaysItIsOneValue) {
  const PackSource packs = packs_in({STAYD_PACK_DIRECTORY}, Trust::any);
  const auto base = DraftBase::create({.packs = {.use = {{"git]\ntrust: [git"}}}, .source = packs});
  ASSERT_FALSE(base);
  EXPECT_THAT(base.error().message, HasSubstr("draft:2:"));
}

TEST(PacksSaidInAPolicy, AreSaidAgainAsTheyWere) {
  const Result<YamlNode> root = parse_yaml(
      "user: dev\n"
      "use: [git, {pack: secrets, without: [\"**/.env\", {tool: git, words: [push]}]}]\n"
      "with: {repository: [/a, /b], data: /c}\n"
      "trust: [git]\n",
      "p.yaml");
  ASSERT_TRUE(root);
  EXPECT_EQ(to_yaml(packs_said_in(*root)),
            "user: dev\n"
            "use: [git, {pack: secrets, without: [\"**/.env\", {tool: \"git\", words: "
            "[\"push\"]}]}]\n"
            "with: {repository: [\"/a\", \"/b\"], data: \"/c\"}\n"
            "trust: [git]\n");
}

}  // namespace
}  // namespace stayd
