// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

int run(const Console& console) {
  const Result<nlohmann::json> reply =
      Client(console.socket_path).request("POST", "/v1/policies/reload");
  if (!reply) return console.fail(reply.error());
  return console.answer(*reply, "policies and people.yaml reloaded; workloads under a policy: " +
                                    dump(reply->value("workloads", nlohmann::json())));
}

}  // namespace

Command policy_reload_command() {
  return {.name = "policy reload",
          .summary = "read the policy files and people.yaml again",
          .run = run};
}

}  // namespace stayd
