// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/workload_name.h"
#include "policy/values.h"

namespace stayd {
namespace {

struct Options {
  std::string workload;
  std::chrono::seconds time{0};
  std::string reason;
};

int run(const Options& options, const Console& console) {
  const Result<std::string> cgroup = cgroup_named(options.workload);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  const Result<nlohmann::json> reply =
      Client(console.socket_path)
          .request(
              "POST", "/v1/break-glass",
              {{"cgroup", *cgroup}, {"seconds", options.time.count()}, {"reason", options.reason}});
  if (!reply) return console.fail(reply.error());
  return console.answer(*reply, "break-glass is active for " + escape(*cgroup) + " for " +
                                    to_text(options.time) +
                                    ": nothing will be held. Everyone has been notified; your "
                                    "name is in the record");
}

}  // namespace

Command break_glass_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "break-glass",
          .summary =
              "root only: let a workload proceed without approval for a while, and notify "
              "everyone",
          .options = {required(
                          text_option("--workload", "WORKLOAD", "the workload", options->workload)),
                      required(time_option("--for", "for how long", options->time)),
                      required(text_option("--reason", "TEXT", "why; it is kept in the record",
                                           options->reason))},
          .run = with(options, run)};
}

}  // namespace stayd
