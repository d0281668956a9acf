// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/workload_name.h"

namespace stayd {
namespace {

struct Options {
  std::string workload;
};

int run(const Options& options, const Console& console) {
  const Result<std::string> cgroup = cgroup_named(options.workload);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  const Result<nlohmann::json> reply =
      Client(console.socket_path).request("DELETE", "/v1/workloads", {{"cgroup", *cgroup}});
  if (!reply) return console.fail(reply.error());
  return console.answer(*reply, escape(*cgroup) + " is no longer a workload");
}

}  // namespace

Command release_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "release",
          .summary = "end the assignment of a workload to a policy",
          .operands = {operand("WORKLOAD", options->workload)},
          .run = with(options, run)};
}

}  // namespace stayd
