// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/escape.h"
#include "channels/teams/app_package.h"
#include "channels/teams/config.h"
#include "ctl/commands.h"
#include "ctl/new_file.h"
#include "ctl/teams_setup.h"

namespace stayd {
namespace {

struct Question {
  const char* option;
  const char* text;
  const char* usual;  // what Enter means; empty: it must be answered
};

// Into `answer`: what was given, or else what somebody says.
Result<> ask(std::string& answer, const std::string& given, const Question& question,
             const Console& console) {
  answer = given;
  if (answer.empty() && console.in != nullptr) {
    const std::string usual(question.usual);
    console.out << question.text << (usual.empty() ? "" : " [" + usual + "]") << ": " << std::flush;
    std::getline(*console.in, answer);
  }
  if (answer.empty()) answer = question.usual;
  if (answer.empty()) return Error{std::string("say ") + question.option + ": " + question.text};
  return {};
}

Result<TeamsSetup> questions(const Arguments& given, const Console& console) {
  TeamsSetup setup;
  setup.behind_proxy = given.behind_proxy;
  setup.directory = std::filesystem::absolute(given.config).parent_path().string();
  Result<> done =
      ask(setup.mode, given.mode, {"--mode", "bot, notify or workflow", "bot"}, console);
  if (done && setup.mode == "workflow") return setup;
  if (done)
    done = ask(setup.cloud, given.cloud, {"--cloud", "Microsoft's cloud", "public"}, console);
  if (done)
    done =
        ask(setup.tenant, given.tenant, {"--tenant", "Entra's directory (tenant) id", ""}, console);
  if (done)
    done = ask(setup.app_id, given.app_id, {"--app-id", "the bot's application (client) id", ""},
               console);
  if (done && setup.mode == "bot")
    done = ask(setup.endpoint, given.endpoint,
               {"--endpoint", "where Teams reaches stayd, https://HOST/api/messages", ""}, console);
  if (!done) return done.error();
  return setup;
}

}  // namespace

int run_teams_setup(const Arguments& arguments, const Console& console) {
  const Result<TeamsSetup> setup = questions(arguments, console);
  if (!setup) return console.fail(setup.error(), kExitUsage);
  std::string host = "stayd.invalid";
  if (setup->mode == "bot") {
    const Result<std::string> given = endpoint_host(setup->endpoint);
    if (!given) return console.fail(given.error(), kExitUsage);
    host = *given;
  }
  const std::string text = config_text(*setup);
  const auto config = teams::parse_config(text, arguments.config, "");
  if (!config) return console.fail(config.error(), kExitUsage);

  const bool is_app = setup->mode != "workflow";
  if (Result<> written = write_new_file(arguments.config, text); !written)
    return console.fail(written.error());
  if (is_app) {
    const std::string package = teams::app_package(**config, host);
    if (Result<> written = write_new_file(arguments.package, package); !written) {
      ::unlink(arguments.config.c_str());  // both, or neither
      return console.fail(written.error());
    }
  }
  console.out << "wrote " << escape(arguments.config) << '\n';
  if (is_app) console.out << "wrote " << escape(arguments.package) << '\n';
  console.out << '\n' << next_steps(*setup, is_app ? escape(arguments.package) : "");
  return kExitOk;
}

}  // namespace stayd
