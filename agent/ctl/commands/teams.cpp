// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/json_text.h"

namespace stayd {
namespace {

// Shows whatever stayd says, so that a new member needs no new stayctl.
int run(const Console& console) {
  const Result<nlohmann::json> teams = Client(console.socket_path).request("GET", "/v1/teams");
  if (!teams) return console.fail(teams.error());
  console.out << (console.json ? dump(*teams) + "\n" : json_text(*teams));
  return kExitOk;
}

}  // namespace

Command teams_command() {
  return {.name = "teams", .summary = "show who can be reached in Teams, and where", .run = run};
}

}  // namespace stayd
