// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "support/operation_builder.h"
#include "support/waiting.h"
#include "tickets/desk.h"
#include "tickets/ticket_json.h"
#include "unit/api/running_server.h"

namespace stayd {
namespace {

using testing::HasSubstr;
using testing::Not;

// A server with one open ticket, and what stayctl said to it.
class Stayctl : public testing::Test {
 protected:
  Stayctl() {
    const TicketContext context{
        .workload = "/ai.slice", .policy = "support", .rule = "files.read: secrets"};
    Desk desk;
    desk.hold_raised(test::an_operation(2), context, test::kNoon);
    ticket_ = to_json(*desk.open_tickets().at(0));
    ticket_["id"] = 2;
    server_.on_desk([this](FakeService& service, Server&) { service.shown = ticket_; });
  }

  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "--socket=" + server_.path());
    return run_stayctl(words, {out_, err_});
  }
  std::vector<Decision> decisions() {
    return server_.on_desk([](FakeService& service, Server&) { return service.decisions; });
  }

  nlohmann::json ticket_;
  RunningServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Stayctl, ProposalsAreListedAndARuleIsAskedForWithAnApproval) {
  EXPECT_EQ(run({"proposals"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("/var/lib/stayd/proposals/17-support.yaml"));
  EXPECT_EQ(run({"--json", "proposals"}), kExitOk) << err_.str();
  EXPECT_EQ(nlohmann::json::parse(out_.str())[0]["ticket"], 17);
  EXPECT_EQ(run({"approve", "2", "--propose-rule"}), kExitOk) << err_.str();
  EXPECT_TRUE(decisions().at(0).propose_rule);
}

TEST_F(Stayctl, ApproveShowsTheCardAndSendsTheDigestItShowed) {
  EXPECT_EQ(run({"approve", "2", "--for", "15m", "--reason", "planned"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("/srv/customers/list.csv"));
  EXPECT_THAT(out_.str(), HasSubstr("ticket 2 approved: the operation goes on"));
  ASSERT_EQ(decisions().size(), 1u);
  EXPECT_EQ(decisions()[0].digest, ticket_["digest"].get<std::string>());
  EXPECT_EQ(decisions()[0].choice, Choice::approve);
  EXPECT_EQ(decisions()[0].grant_for, std::chrono::minutes(15));
  EXPECT_EQ(decisions()[0].reason, "planned");
}

TEST_F(Stayctl, DenySaysWhatTheProgramSees) {
  EXPECT_EQ(run({"deny", "2", "--reason", "not today"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ticket 2 denied: the operation fails with EPERM"));
  ASSERT_EQ(decisions().size(), 1u);
  EXPECT_EQ(decisions()[0].choice, Choice::deny);
  EXPECT_EQ(decisions()[0].reason, "not today");
}

TEST_F(Stayctl, DenyNeedsAReason) {
  EXPECT_EQ(run({"deny", "2"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--reason TEXT"));
  EXPECT_TRUE(decisions().empty());
}

TEST_F(Stayctl, AnAnswerThatCameTooLateFails) {
  server_.on_desk([](FakeService& service, Server&) { service.shown["digest"] = "other"; });
  EXPECT_EQ(run({"approve", "2"}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("stayctl: the digest differs"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("goes on")));
}

TEST_F(Stayctl, JsonIsOneValueAndNothingElse) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--json", "list"},
                                             {"--json", "show", "2"},
                                             {"--json", "status"},
                                             {"--json", "approve", "2"},
                                             {"--json", "assign", "/a", "/p.yaml"}}) {
    EXPECT_EQ(run(words), kExitOk) << err_.str();
    EXPECT_TRUE(parse_json(out_.str())) << out_.str();
  }
}

TEST_F(Stayctl, ListIsATable) {
  EXPECT_EQ(run({"list"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("/srv/customers/list.csv"));
  server_.on_desk([](FakeService& service, Server&) { service.shown = nullptr; });
  EXPECT_EQ(run({"list"}), kExitOk);
  EXPECT_EQ(out_.str(), "Nothing is waiting.\n");
}

TEST_F(Stayctl, ATicketThatIsNotThereFailsAndAWordIsNoId) {
  EXPECT_EQ(run({"show", "7"}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("there is no ticket 7"));
  EXPECT_EQ(run({"show", "seven"}), kExitUsage);
}

TEST_F(Stayctl, AssignSendsPathsThatMeanTheSameToTheDaemon) {
  EXPECT_EQ(run({"assign", "/sys/fs/cgroup/ai.slice/", "x.yaml"}), kExitOk) << err_.str();
  auto assigned = server_.on_desk([](FakeService& service, Server&) { return service.assigned; });
  EXPECT_EQ(assigned["/ai.slice"], (std::filesystem::current_path() / "x.yaml").string());
  EXPECT_EQ(run({"release", "/ai.slice"}), kExitOk) << err_.str();
  EXPECT_EQ(run({"release", "/ai.slice"}), kExitFailure);
}

TEST_F(Stayctl, AWorkloadIsTakenInEveryForm) {
  const std::string missing = "stayd-test-nowhere";
  const std::pair<std::string, std::string> forms[] = {
      {"unit:" + missing + ".service", "/system.slice/" + missing + ".service"},
      {missing + ".service", "/system.slice/" + missing + ".service"},
      {"slice:" + missing + ".slice", "/" + missing + ".slice"},
      {"cgroup:/ai.slice/a", "/ai.slice/a"},
      {"/ai.slice/a", "/ai.slice/a"},
      {"/sys/fs/cgroup/ai.slice/a/", "/ai.slice/a"}};
  for (const auto& [form, cgroup] : forms) {
    const int broken = run({"break-glass", "--workload", form, "--for", "15m", "--reason", "fire"});
    EXPECT_EQ(broken, ::geteuid() == 0 ? kExitOk : kExitFailure) << form << err_.str();
    const auto last = server_.on_desk([](FakeService& service, Server&) { return service.glass; });
    EXPECT_EQ(last, cgroup) << form;
    if (broken == kExitOk)
      EXPECT_THAT(out_.str(), HasSubstr("break-glass is active for " + cgroup + " for 15m: "));
    EXPECT_EQ(run({"assign", form, "/p.yaml"}), kExitOk) << form << err_.str();
    const auto assigned =
        server_.on_desk([](FakeService& service, Server&) { return service.assigned; });
    EXPECT_TRUE(assigned.contains(cgroup)) << form;
    EXPECT_EQ(run({"release", form}), kExitOk) << form << err_.str();
    server_.on_desk(
        [&](FakeService& service, Server&) { service.learned[cgroup] = std::chrono::seconds(1); });
    EXPECT_EQ(run({"learn", form, "--json"}), kExitOk) << form << err_.str();
  }
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"break-glass", "--workload", "user:x", "--for", "1m", "--reason", "y"},
           {"assign", "user:x", "/p.yaml"},
           {"release", "user:x"},
           {"learn", "user:x"}}) {
    EXPECT_EQ(run(words), kExitUsage) << words[0];
    EXPECT_THAT(err_.str(), HasSubstr("'user:x'"));
  }
}

// What somebody else ends is over: the draft is theirs.
TEST_F(Stayctl, LearnStopsWaitingWhenAnotherLearnHasTakenTheDraft) {
  const auto looks = [&] {
    return server_.on_desk([](FakeService& service, Server&) { return service.learning_calls; });
  };
  std::ostringstream out, err;
  int status = -1;
  std::thread waiting([&] {
    status =
        run_stayctl(std::vector<std::string>{"--socket=" + server_.path(), "learn", "/ai.slice/a",
                                             "--for", "1h", "--use", "git,secrets", "--with",
                                             "repository=/home/a", "--trust", "git"},
                    {out, err});
  });
  ASSERT_TRUE(test::eventually([&] { return looks() > 0; }));
  EXPECT_EQ(run({"learn", "/ai.slice/a"}), kExitOk) << err_.str();
  waiting.join();
  EXPECT_EQ(status, kExitOk);
  EXPECT_THAT(err.str(), HasSubstr("the session has ended: another 'stayctl learn'"));
  EXPECT_EQ(out.str(), "") << "the draft is printed once";
  const PacksSaid said =
      server_.on_desk([](FakeService& service, Server&) { return service.packs_said; });
  EXPECT_EQ(said.use.size(), 2u);
  EXPECT_EQ(said.with.at(0).second, std::vector<std::string>{"/home/a"});
}

TEST_F(Stayctl, PacksAreSaidWhenLearningBeginsAndWithValues) {
  EXPECT_EQ(run({"learn", "/a", "--use", "git"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("packs are said when learning begins; add --for 1h"));
  EXPECT_EQ(run({"learn", "/a", "--for", "1h", "--with", "repository"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("write --with NAME=VALUE"));
}

TEST_F(Stayctl, StatusShowsWhateverThereIsWithoutControlCharacters) {
  server_.on_desk([](FakeService& service, Server&) {
    service.status_shown = {{"counters", {{"held", 3}}}, {"name", "a\x1b[2J"}, {"list", {"x"}}};
  });
  EXPECT_EQ(run({"status"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("counters\n  held"));
  EXPECT_THAT(out_.str(), HasSubstr("a\\x1b[2J"));
  EXPECT_THAT(out_.str(), HasSubstr("list\n  - x\n"));
}

TEST_F(Stayctl, PolicyCheckSaysWhereAPolicyIsWrong) {
  test::TempDir directory;
  const std::string file = directory / "x.yaml";
  std::ofstream(file) << "policy: x\nnetwrok: {}\n";
  EXPECT_EQ(run({"policy", "check", file}), kExitFailure);
  EXPECT_THAT(out_.str(), HasSubstr("x.yaml:2:1: error: "));
  EXPECT_EQ(run({"policy", "check", file, "--json"}), kExitFailure);
  EXPECT_EQ((*parse_json(out_.str()))["ok"], false);
}

TEST_F(Stayctl, PolicyCheckSumsUpAGoodPolicyAndMissesDirectories) {
  test::TempDir directory;
  const std::string file = directory / "x.yaml";
  const auto write = [&](const std::string& place) {
    std::ofstream(file) << "policy: x\nlabels:\n  data: [" << place << "]\n"
                        << "network: { default: hold }\nexec: { default: allow }\n"
                        << "files:\n  default: allow\n  read: { hold: [data] }\n";
  };
  std::filesystem::create_directory(directory / "data");
  write(directory / "data");
  EXPECT_EQ(run({"policy", "check", file}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("x.yaml: ok; x: 1 rule, 1 label; unless a rule says otherwise: "));
  write(directory / "missing");
  EXPECT_EQ(run({"policy", "check", file}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("x.yaml:3:10: note: " + (directory / "missing") +
                                    " does not exist yet; rules about it apply once it appears"));
}

}  // namespace
}  // namespace stayd
