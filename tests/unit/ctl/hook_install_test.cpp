// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ctl/commands.h"
#include "ctl/hook_settings.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

const HookAgent& agent(const char* name) { return **find_hook_agent(name); }

std::string merged(const char* name, const std::string& before) {
  const auto text = with_hook(agent(name), before, std::string("stayctl hook ") + name);
  EXPECT_TRUE(text) << text.error().message;
  return text && *text ? **text : "";
}

std::string refusal(const std::string& before) {
  const auto text = with_hook(agent("claude"), before, "stayctl hook claude");
  return text ? "no error" : text.error().message;
}

TEST(HookSettings, EachAgentGetsAHookForEachOfItsEvents) {
  for (const HookAgent& each : hook_agents()) {
    if (each.kind != HookAgent::Kind::settings) continue;
    const json settings = json::parse(merged(std::string(each.name).c_str(), ""));
    EXPECT_EQ(settings["hooks"].size(), each.events.size());
    for (const std::string_view event : each.events) {
      const json& hook = settings["hooks"][std::string(event)][0]["hooks"][0];
      EXPECT_EQ(hook["type"], "command");
      EXPECT_EQ(hook["command"], "stayctl hook " + std::string(each.name));
      EXPECT_EQ(hook["timeout"], each.timeout);
    }
  }
}

TEST(HookSettings, EverythingElseStaysInItsOrder) {
  const std::string text = merged("claude", R"({
    "zeta": 1,
    "hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "fmt"}]}]},
    "alpha": {"b": [1.5, null, true], "a": "\u00e9"}
  })");
  EXPECT_LT(text.find("zeta"), text.find("hooks"));
  EXPECT_LT(text.find("hooks"), text.find("alpha"));
  const json settings = json::parse(text);
  EXPECT_EQ(settings["alpha"], json::parse(R"({"b": [1.5, null, true], "a": "é"})"));
  ASSERT_EQ(settings["hooks"]["PostToolUse"].size(), 2u);
  EXPECT_EQ(settings["hooks"]["PostToolUse"][0]["hooks"][0]["command"], "fmt");
}

TEST(HookSettings, ASecondTimeChangesNothing) {
  const std::string once = merged("claude", "{}");
  EXPECT_EQ(merged("claude", once), "");
  EXPECT_NE(merged("qwen", once), "") << "another agent's hook is not ours";
}

TEST(HookSettings, AHookThatCallsStayctlByItsPathCounts) {
  const json ours = {{{"hooks", {{{"type", "command"}, {"command", "/opt/stayctl hook gemini"}}}}}};
  const json settings = {{"hooks", {{"SessionStart", ours}, {"AfterTool", ours}}}};
  EXPECT_EQ(merged("gemini", settings.dump()), "");
}

TEST(HookSettings, WhatIsMissingIsAdded) {
  json settings = json::parse(merged("claude", ""));
  settings["hooks"].erase("PostToolUseFailure");
  const json again = json::parse(merged("claude", settings.dump()));
  EXPECT_EQ(again["hooks"]["PostToolUse"].size(), 1u);
  EXPECT_EQ(again["hooks"]["PostToolUseFailure"].size(), 1u);
}

TEST(HookSettings, AFileThatWouldLoseSomethingIsLeftAlone) {
  EXPECT_THAT(refusal("{} // mine"), HasSubstr("not plain JSON"));
  EXPECT_THAT(refusal(R"({"a": 1, "a": 2})"), HasSubstr("not plain JSON"));
  EXPECT_EQ(refusal("[]"), "not a JSON object");
  EXPECT_EQ(refusal(R"({"hooks": []})"), "\"hooks\" is not an object");
  EXPECT_THAT(refusal(R"({"hooks": {"PostToolUse": {}}})"), HasSubstr("\"PostToolUse\""));
}

class HookInstall : public ::testing::Test {
 protected:
  HookInstall() {
    ::setenv("HOME", (directory_ / "").c_str(), 1);
    for (const char* each :
         {"CLAUDE_CONFIG_DIR", "CODEX_HOME", "OPENCODE_CONFIG_DIR", "PI_CODING_AGENT_DIR"})
      ::unsetenv(each);
  }
  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"hook", "install"});
    return run_stayctl(words, {out_, err_});
  }
  std::string read(const std::string& path) {
    std::ifstream file(directory_ / path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(directory_ / path).parent_path());
    std::ofstream(directory_ / path) << text;
  }

  test::TempDir directory_;
  std::ostringstream out_, err_;
};

TEST_F(HookInstall, WritesTheSettingsOfAnAgentThatHasNone) {
  EXPECT_EQ(run({"claude"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(".claude/settings.json: the hook is in place"));
  EXPECT_THAT(read(".claude/settings.json"), HasSubstr(" hook claude\""));
  EXPECT_EQ(run({"claude"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("has the hook already"));
}

TEST_F(HookInstall, KeepsTheRestAndTheModeOfASettingsFileAndALinkToIt) {
  write("dotfiles/gemini.json", R"({"theme": "dark"})");
  ::chmod((directory_ / "dotfiles/gemini.json").c_str(), 0600);
  std::filesystem::create_directories(std::string(directory_ / ".gemini"));
  std::filesystem::create_symlink("../dotfiles/gemini.json",
                                  std::string(directory_ / ".gemini/settings.json"));
  EXPECT_EQ(run({"gemini"}), kExitOk) << err_.str();
  const json settings = json::parse(read("dotfiles/gemini.json"));
  EXPECT_EQ(settings["theme"], "dark");
  EXPECT_TRUE(settings["hooks"].contains("AfterTool"));
  EXPECT_TRUE(std::filesystem::is_symlink(std::string(directory_ / ".gemini/settings.json")));
  struct stat after {};
  ASSERT_EQ(::stat((directory_ / "dotfiles/gemini.json").c_str(), &after), 0);
  EXPECT_EQ(after.st_mode & 0777, 0600u);
}

TEST_F(HookInstall, PrintShowsWhatWouldBeWrittenAndWritesNothing) {
  for (const HookAgent& each : hook_agents()) {
    EXPECT_EQ(run({std::string(each.name), "--print"}), kExitOk) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr(each.kind == HookAgent::Kind::plugin ? "spawn(" : "hooks"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(std::string(directory_ / "")));
}

TEST_F(HookInstall, WritesAPluginAndItsNextVersionButNotOverSomebodyElses) {
  EXPECT_EQ(run({"opencode"}), kExitOk) << err_.str();
  const std::string plugin = read(".config/opencode/plugins/stayd.js");
  EXPECT_THAT(plugin, StartsWith("// Written by \"stayctl hook install opencode\""));
  EXPECT_THAT(plugin, testing::Not(HasSubstr("STAYCTL")));
  EXPECT_EQ(run({"opencode"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("has the hook already"));
  write(".config/opencode/plugins/stayd.js",
        "// Written by \"stayctl hook install opencode\", 0.1");
  EXPECT_EQ(run({"opencode"}), kExitOk);
  EXPECT_EQ(read(".config/opencode/plugins/stayd.js"), plugin);
  write(".pi/agent/extensions/stayd.js", "export default () => {}");
  EXPECT_EQ(run({"pi"}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("is not ours"));
  EXPECT_EQ(read(".pi/agent/extensions/stayd.js"), "export default () => {}");
}

TEST_F(HookInstall, AFileThatCannotBeMergedIsLeftAloneAndSaysWhatToDo) {
  write(".qwen/settings.json", "{ // my settings\n}");
  EXPECT_EQ(run({"qwen"}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("stayctl hook install qwen --print"));
  EXPECT_EQ(read(".qwen/settings.json"), "{ // my settings\n}");
}

TEST_F(HookInstall, TheFileIsWhereTheAgentLooksOrWhereItIsSaid) {
  ::setenv("CODEX_HOME", (directory_ / "elsewhere").c_str(), 1);
  EXPECT_EQ(run({"codex"}), kExitOk) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("type /hooks"));
  EXPECT_NE(read("elsewhere/hooks.json"), "");
  EXPECT_EQ(run({"claude", "--file", directory_ / "project/.claude/settings.json"}), kExitOk);
  EXPECT_NE(read("project/.claude/settings.json"), "");
  EXPECT_EQ(run({"cluade"}), kExitUsage);
}

}  // namespace
}  // namespace stayd
