// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

// People give a cgroup as /proc/PID/cgroup shows it or as a path below the usual mount
// point; stayd wants the former.
std::string cgroup_path(std::string given) {
  constexpr std::string_view kMountPoint = "/sys/fs/cgroup";
  if (given.starts_with(std::string(kMountPoint) + "/")) given.erase(0, kMountPoint.size());
  while (given.size() > 1 && given.ends_with('/')) given.pop_back();
  return given;
}

int print_reply(const Result<nlohmann::json>& reply, const Arguments& arguments,
                const Console& console, const std::string& done) {
  if (!reply) return console.fail(reply.error());
  console.out << (arguments.json ? dump(*reply) : done) << '\n';
  return kExitOk;
}

}  // namespace

int run_assign(const Arguments& arguments, const Console& console) {
  const std::string cgroup = cgroup_path(arguments.operands[0]);
  std::error_code error;
  // stayd has a working directory of its own.
  const std::string policy = std::filesystem::absolute(arguments.operands[1], error).string();
  if (error) return console.fail(Error{arguments.operands[1] + ": " + error.message()});
  Result<nlohmann::json> reply =
      Client(arguments.socket_path)
          .request("POST", "/v1/workloads", {{"cgroup", cgroup}, {"policy", policy}});
  return print_reply(reply, arguments, console,
                     escape(cgroup) + " is now a workload under " + escape(policy));
}

int run_release(const Arguments& arguments, const Console& console) {
  const std::string cgroup = cgroup_path(arguments.operands[0]);
  Result<nlohmann::json> reply =
      Client(arguments.socket_path).request("DELETE", "/v1/workloads", {{"cgroup", cgroup}});
  return print_reply(reply, arguments, console, escape(cgroup) + " is no longer a workload");
}

}  // namespace stayd
