// SPDX-License-Identifier: Apache-2.0
#include <spdlog/sinks/stdout_sinks.h>

#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/limits.h"
#include "base/log.h"
#include "daemon/service_manager.h"
#include "daemon/startup.h"
#include "kernel/programs.h"
#include "policy/values.h"

namespace {

constexpr const char* kHelp =
    R"(stayd: holds sensitive operations of tagged cgroups until a person answers.

  --runtime-dir DIR   socket, lock and assignments           [/run/stayd]
  --state-dir DIR     tickets, grants, keys                   [/var/lib/stayd]
  --bpffs DIR         where programs and maps are pinned      [/sys/fs/bpf/stayd]
  --record FILE       JSON lines of holds and decisions       [/var/log/stayd/record.jsonl]
  --record-config FILE  how it is signed, rotated, redacted   [/etc/stayd/record.yaml]
  --policies DIR      *.yaml, applied to the cgroups they name [/etc/stayd/policies]
  --packs DIR:DIR     where packs are  [/etc/stayd/packs:/usr/share/stayd/packs]
  --people FILE       who may answer, and their accounts      [/etc/stayd/people.yaml]
  --config FILE       channels to ask by, beside stayctl      [/etc/stayd/stayd.yaml]
  --group NAME        may use the socket, besides root        [stayd]
  --restart-limit 90s what waits when stayd stops waits so long for the next one
  --unload            remove what is pinned: enforcement ends
  --help, --version

Stopping stayd leaves enforcement in place: what is held waits for another stayd, and is then
denied.
)";

int fail(const std::string& message, int status) {
  std::cerr << "stayd: " << message << '\n';
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  stayd::DaemonOptions options;
  std::string restart_limit = "90s";
  const std::map<std::string, std::string*> values = {
      {"--runtime-dir", &options.runtime_dir}, {"--state-dir", &options.state_dir},
      {"--people", &options.people_file},      {"--bpffs", &options.bpffs_dir},
      {"--record", &options.record_file},      {"--record-config", &options.record_config},
      {"--policies", &options.policy_dir},     {"--group", &options.group},
      {"--restart-limit", &restart_limit},     {"--config", &options.config_file},
      {"--packs", &options.pack_dirs}};
  bool unload = false;
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string name = arguments[i];
    if (name == "--help") return std::cout << kHelp, 0;
    if (name == "--version") return std::cout << "stayd " STAYD_VERSION "\n", 0;
    if (name == "--unload") {
      unload = true;
      continue;
    }
    const auto value = values.find(name);
    if (value == values.end()) return fail("unknown option '" + name + "'; see --help", 2);
    if (++i == arguments.size()) return fail(name + " needs a value; see --help", 2);
    *value->second = arguments[i];
  }

  const std::optional<std::chrono::seconds> limit = stayd::parse_duration(restart_limit);
  if (!limit) return fail("--restart-limit: not a duration such as 90s: " + restart_limit, 2);
  options.restart_limit = *limit;

  spdlog::set_default_logger(spdlog::stderr_logger_mt("stayd"));
  spdlog::set_pattern("%l: %v");  // the journal has its own time
  stayd::allow_many_files();
  stayd::come_before_others();
  const stayd::Result<> result =
      unload ? stayd::unpin(options.bpffs_dir) : stayd::run_daemon(options);
  if (result) return 0;
  stayd::service_manager::status(result.error().message);
  return fail(result.error().message, 1);
}
