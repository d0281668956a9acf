// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/workload_name.h"

namespace stayd {
namespace {

struct Options {
  std::string workload;
  std::string policy;
};

int run(const Options& options, const Console& console) {
  const Result<std::string> cgroup = cgroup_named(options.workload);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  std::error_code error;
  // stayd has a working directory of its own.
  const std::string policy = std::filesystem::absolute(options.policy, error).string();
  if (error) return console.fail(Error{escape(options.policy) + ": " + error.message()});
  const Result<nlohmann::json> reply =
      Client(console.socket_path)
          .request("POST", "/v1/workloads", {{"cgroup", *cgroup}, {"policy", policy}});
  if (!reply) return console.fail(reply.error());
  return console.answer(*reply, escape(*cgroup) + " is now a workload under " + escape(policy));
}

}  // namespace

Command assign_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "assign",
          .summary = "put a workload under a policy file",
          .operands = {operand("WORKLOAD", options->workload), operand("POLICY", options->policy)},
          .run = with(options, run)};
}

}  // namespace stayd
