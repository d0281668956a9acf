// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/escape.h"
#include "channels/teams/app_package.h"
#include "channels/teams/config.h"
#include "ctl/command.h"
#include "ctl/new_file.h"
#include "ctl/teams_setup.h"

namespace stayd {
namespace {

struct Options {
  TeamsSetup setup;
  std::string config = "/etc/stayd/stayd.yaml";
  std::string package = "stayd-teams.zip";
};

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
  if (answer.empty())
    return Error{std::string("missing option: ") + question.option + ", " + question.text};
  return {};
}

Result<TeamsSetup> questions(const Options& options, const Console& console) {
  const TeamsSetup& given = options.setup;
  TeamsSetup setup;
  setup.behind_proxy = given.behind_proxy;
  setup.directory = std::filesystem::absolute(options.config).parent_path().string();
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

int run(const Options& options, const Console& console) {
  const Result<TeamsSetup> setup = questions(options, console);
  if (!setup) return console.fail(setup.error(), kExitUsage);
  std::string host = "stayd.invalid";
  if (setup->mode == "bot") {
    const Result<std::string> given = endpoint_host(setup->endpoint);
    if (!given) return console.fail(given.error(), kExitUsage);
    host = *given;
  }
  const std::string text = config_text(*setup);
  const auto config = teams::parse_config(text, options.config, "");
  if (!config) return console.fail(config.error(), kExitUsage);

  const bool is_app = setup->mode != "workflow";
  if (Result<> written = write_new_file(options.config, text); !written)
    return console.fail(written.error());
  if (is_app) {
    const std::string package = teams::app_package(**config, host);
    if (Result<> written = write_new_file(options.package, package); !written) {
      ::unlink(options.config.c_str());  // both, or neither
      return console.fail(written.error());
    }
  }
  console.out << "wrote " << escape(options.config) << '\n';
  if (is_app) console.out << "wrote " << escape(options.package) << '\n';
  console.out << '\n' << next_steps(*setup, is_app ? escape(options.package) : "");
  return kExitOk;
}

}  // namespace

Command teams_setup_command() {
  const auto options = std::make_shared<Options>();
  TeamsSetup& setup = options->setup;
  return {
      .name = "teams setup",
      .summary = "write the configuration for Teams, and the app to upload",
      .options =
          {text_option("--mode", "MODE",
                       "bot (buttons), notify (posts only) or workflow (a webhook)", setup.mode),
           text_option("--cloud", "CLOUD", "Microsoft's cloud: public, usgov or china",
                       setup.cloud),
           text_option("--tenant", "GUID", "Entra's directory (tenant) id", setup.tenant),
           text_option("--app-id", "GUID", "the bot's application (client) id", setup.app_id),
           text_option("--endpoint", "URL", "where Teams reaches stayd: https://HOST/api/messages",
                       setup.endpoint),
           flag("--behind-proxy", "a proxy on this host has the certificate, not stayd",
                setup.behind_proxy),
           text_option("--config", "FILE", "the file to write [/etc/stayd/stayd.yaml]",
                       options->config),
           text_option("--package", "FILE", "the app package to write [stayd-teams.zip]",
                       options->package)},
      .run = with(options, run)};
}

}  // namespace stayd
