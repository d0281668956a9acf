// SPDX-License-Identifier: Apache-2.0
// `stayctl why` and `stayctl hook` against a real self.sock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/rfc3339.h"
#include "base/time.h"
#include "ctl/commands.h"
#include "unit/api/running_self.h"
#include "unit/ctl/self_events.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class InAWorkload : public ::testing::Test {
 protected:
  int run(std::vector<std::string> words, const std::string& input = "") {
    out_.str("");
    err_.str("");
    std::istringstream in(input);
    words.insert(words.begin(), "--socket=" + self_.path());
    Console console{out_, err_};
    console.input = &in;
    return run_stayctl(words, console);
  }
  json at(json event, std::chrono::milliseconds ago) {
    event["time"] = rfc3339(wall_clock() - ago);
    return event;
  }
  void hold(const json& hold) {
    self_.on_desk([&](OneWorkload& knowledge, Server&) { knowledge.held.push_back(hold); });
  }

  RunningSelf self_;
  std::ostringstream out_, err_;
};

TEST_F(InAWorkload, WhySaysWhatWasDeniedAndWhatWaits) {
  self_.tell(a_denial());
  self_.tell(a_hold(6));
  hold(a_hold(7));
  EXPECT_EQ(run({"why"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("stayd: denied: exec git push --force"));
  EXPECT_THAT(out_.str(), HasSubstr("\nstayd: held: connect 192.0.2.7:443/tcp"));
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 4) << "ticket 6 does not wait any more";
}

TEST_F(InAWorkload, WhyHasNothingToSayIsExitCode1) {
  EXPECT_EQ(run({"why"}), kExitFailure);
  EXPECT_EQ(out_.str(), "stayd: nothing was denied, and nothing waits\n");
  EXPECT_EQ(run({"why", "--json"}), kExitFailure);
  EXPECT_EQ(json::parse(out_.str()), (json{{"complete", true}, {"events", json::array()}}));
}

TEST_F(InAWorkload, WhyShowsTheLatestAsManyAsAreWanted) {
  for (int i = 0; i < 15; ++i) self_.tell(an_end("denied", "expired", "now", i + 1));
  EXPECT_EQ(run({"why", "--last", "1"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("ticket 15"));
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 2);
  EXPECT_EQ(run({"why"}), kExitOk);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 20);
  EXPECT_EQ(run({"why", "--last", "0"}), kExitUsage);
}

TEST_F(InAWorkload, WhyShowsOnlyWhatHappenedSince) {
  self_.tell(at(a_denial(), 2h));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitFailure);
  self_.tell(at(an_end("denied", "expired", "now"), 2min));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitOk);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 2);
  hold(at(a_hold(9), 3h));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("stayd: held: ")) << "it waits now";
}

TEST_F(InAWorkload, WhyInJsonGivesTheEventsAsTheyAre) {
  self_.tell(a_denial());
  EXPECT_EQ(run({"--json", "why"}), kExitOk);
  const json told = json::parse(out_.str());
  ASSERT_EQ(told["events"].size(), 1u);
  EXPECT_EQ(told["events"][0]["retry"], "never");
  EXPECT_EQ(told["events"][0]["rule"]["line"], 12);
}

TEST_F(InAWorkload, WhyOutsideOfAWorkloadIsExitCode3) {
  self_.on_desk([](OneWorkload& knowledge, Server&) { knowledge.live.reset(); });
  EXPECT_EQ(run({"why"}), kExitUntold);
  EXPECT_THAT(err_.str(), HasSubstr("in no workload"));
  self_.stop();
  EXPECT_EQ(run({"why"}), kExitUntold);
  EXPECT_EQ(out_.str(), "");
}

std::string said(const char* event, const char* session = "s1") {
  return json{{"session_id", session}, {"hook_event_name", event}, {"tool_name", "Bash"}}.dump();
}

TEST_F(InAWorkload, AHookTellsEachSessionEachThingOnce) {
  EXPECT_EQ(run({"hook", "claude"}, said("SessionStart")), kExitOk);
  self_.tell(a_denial());
  EXPECT_EQ(run({"hook", "claude"}, said("PostToolUse")), kExitOk);
  const json output = json::parse(out_.str());
  EXPECT_EQ(output["hookSpecificOutput"]["hookEventName"], "PostToolUse");
  EXPECT_THAT(output["hookSpecificOutput"]["additionalContext"].get<std::string>(),
              StartsWith("stayd: denied: exec git push --force"));
  EXPECT_EQ(run({"hook", "claude"}, said("PostToolUse")), kExitOk);
  EXPECT_EQ(out_.str(), "") << "there is nothing new";
  EXPECT_EQ(run({"hook", "claude"}, said("PostToolUse", "s2")), kExitOk);
  EXPECT_NE(out_.str(), "") << "another session was told nothing yet";
}

TEST_F(InAWorkload, TheHookOfABeginningSessionIsSilentAboutWhatWasBefore) {
  self_.tell(a_denial());
  EXPECT_EQ(run({"hook", "codex"}, said("SessionStart")), kExitOk);
  EXPECT_EQ(run({"hook", "codex"}, said("PostToolUse")), kExitOk);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(InAWorkload, AHookIsSilentWhereThereIsNoStaydOrNoWorkload) {
  self_.tell(a_denial());
  self_.on_desk([](OneWorkload& knowledge, Server&) { knowledge.live.reset(); });
  EXPECT_EQ(run({"hook", "claude"}, said("PostToolUse")), kExitOk);
  self_.stop();
  EXPECT_EQ(run({"hook", "claude"}, said("PostToolUse")), kExitOk);
  EXPECT_EQ(out_.str() + err_.str(), "");
}

TEST_F(InAWorkload, AHookWhoseInputCannotBeReadStillTells) {
  for (const std::string& input : {std::string(), std::string("{"), std::string(17 << 20, 'x')}) {
    self_.tell(a_denial());
    EXPECT_EQ(run({"hook", "gemini"}, input), kExitOk);
    EXPECT_EQ(json::parse(out_.str())["hookSpecificOutput"]["hookEventName"], "AfterTool");
  }
}

TEST_F(InAWorkload, TheHookOfAPluginIsPlainText) {
  self_.tell(a_denial());
  for (const char* agent : {"opencode", "pi"}) {
    EXPECT_EQ(run({"hook", agent}, R"({"session_id":"x"})"), kExitOk);
    EXPECT_THAT(out_.str(), StartsWith("stayd: denied: "));
  }
}

TEST_F(InAWorkload, GeminiIsToldOfAFailedToolByTheReasonOfADenial) {
  self_.tell(a_denial());
  EXPECT_EQ(run({"hook", "gemini"}, R"({"session_id": "g", "hook_event_name": "AfterTool",
      "tool_response": {"llmContent": "x", "error": {"message": "EPERM: open"}}})"),
            kExitOk);
  const json output = json::parse(out_.str());
  EXPECT_EQ(output["decision"], "deny");
  EXPECT_THAT(output["reason"].get<std::string>(), StartsWith("EPERM: open\nstayd: denied: "));
}

TEST_F(InAWorkload, AHookOfAnAgentThatIsNotKnownIsNoBlockingError) {
  EXPECT_EQ(run({"hook", "cluade"}), kExitFailure) << "2 would block the agent's tool";
  EXPECT_THAT(err_.str(), HasSubstr("agents: claude, codex, gemini, opencode, pi, qwen"));
}

}  // namespace
}  // namespace stayd
