// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/workload_name.h"

namespace stayd {
namespace {

int print_reply(const Result<nlohmann::json>& reply, const Arguments& arguments,
                const Console& console, const std::string& done) {
  if (!reply) return console.fail(reply.error());
  console.out << (arguments.json ? dump(*reply) : done) << '\n';
  return kExitOk;
}

}  // namespace

int run_assign(const Arguments& arguments, const Console& console) {
  const Result<std::string> named = cgroup_named(arguments.operands[0]);
  if (!named) return console.fail(named.error(), kExitUsage);
  const std::string& cgroup = *named;
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
  const Result<std::string> named = cgroup_named(arguments.operands[0]);
  if (!named) return console.fail(named.error(), kExitUsage);
  const std::string& cgroup = *named;
  Result<nlohmann::json> reply =
      Client(arguments.socket_path).request("DELETE", "/v1/workloads", {{"cgroup", cgroup}});
  return print_reply(reply, arguments, console, escape(cgroup) + " is no longer a workload");
}

}  // namespace stayd
