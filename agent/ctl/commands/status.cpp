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
  const Result<nlohmann::json> status = Client(console.socket_path).request("GET", "/v1/status");
  if (!status) return console.fail(status.error());
  console.out << (console.json ? dump(*status) + "\n" : json_text(*status));
  return kExitOk;
}

}  // namespace

Command status_command() {
  return {.name = "status", .summary = "show what stayd is doing, and its counters", .run = run};
}

}  // namespace stayd
