// SPDX-License-Identifier: Apache-2.0
#include <istream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/hook_output.h"
#include "ctl/self_text.h"

namespace stayd {
namespace {

constexpr std::size_t kMostEvents = 8;

struct Options {
  std::string agent;
};

// Everything that there is, or nothing if that is too much.
std::string read_all(std::istream* input) {
  std::string text;
  if (input == nullptr) return text;
  std::string part(64 << 10, '\0');
  while (input->read(part.data(), static_cast<std::streamsize>(part.size())), input->gcount() > 0) {
    if (text.size() <= kMaxHookInput)
      text.append(part, 0, static_cast<std::size_t>(input->gcount()));
  }
  return text.size() <= kMaxHookInput ? text : "";
}

// Agents go on when a hook fails, and show its errors to somebody. That there is no stayd here, or
// no workload, is no error of theirs: the same settings may be used elsewhere.
int run(const Options& options, const Console& console) {
  const Result<const HookAgent*> agent = find_hook_agent(options.agent);
  if (!agent) return console.fail(agent.error());
  const HookInput input = read_hook_input(read_all(console.input));
  const std::string reader = std::string((*agent)->name) + "/" + input.session;
  const Result<nlohmann::json> told =
      Client(console.self_socket_path).request("POST", "/v1/unread", {{"reader", reader}});
  // Events before a session are no news to it.
  if (!told || input.event == "SessionStart") return kExitOk;
  const std::vector<nlohmann::json> news = news_of(list_at(*told, "events"));
  if (!news.empty()) console.out << hook_output(**agent, input, news_text(news, kMostEvents));
  return kExitOk;
}

}  // namespace

Command hook_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "hook",
          .summary = "run by an agent after each tool: say what stayd denied or holds of it",
          .operands = {operand("AGENT", options->agent)},
          .run = with(options, run)};
}

}  // namespace stayd
