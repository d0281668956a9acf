// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands.h"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "ctl/help.h"
#include "ctl/parser.h"

namespace stayd {

#define STAYD_COMMAND(name) Command name##_command();
#include "ctl/commands.inc"
#undef STAYD_COMMAND

namespace {

int run(std::span<const std::string> words, const Console& console) {
  const std::vector<Command> all = commands();
  const Result<CommandLine> line = parse_command_line(words, all);
  if (!line) return console.fail(line.error(), kExitUsage);
  if (line->global.help) {
    console.out << (line->command ? help(*line->command) : help(all, line->group));
    return kExitOk;
  }
  if (line->global.version) {
    console.out << "stayctl " STAYD_VERSION "\n";
    return kExitOk;
  }
  Console own(console);
  const char* from_environment = std::getenv("STAYD_SOCKET");
  if (from_environment != nullptr && *from_environment != '\0') own.socket_path = from_environment;
  const char* self = std::getenv("STAYD_SELF_SOCKET");
  if (self != nullptr && *self != '\0') own.self_socket_path = self;
  if (!line->global.socket_path.empty())
    own.socket_path = own.self_socket_path = line->global.socket_path;
  return line->command->run(own);
}

}  // namespace

std::vector<Command> commands() {
  return {
#define STAYD_COMMAND(name) name##_command(),
#include "ctl/commands.inc"
#undef STAYD_COMMAND
  };
}

int run_stayctl(std::span<const std::string> words, const Console& console) {
  // Errors are JSON even if the command line is malformed.
  Console own(console);
  own.json = std::ranges::find(words.begin(), std::ranges::find(words, "--"), "--json") !=
             std::ranges::find(words, "--");
  try {
    return run(words, own);
  } catch (const std::exception& error) {
    return own.fail(Error{error.what()});
  }
}

}  // namespace stayd
