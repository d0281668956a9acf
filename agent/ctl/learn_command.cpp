// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/fd.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/workload_name.h"
#include "policy/values.h"

namespace stayd {
namespace {

// Until Ctrl-C or the time is up, which stayd watches, too.
void wait_for(std::chrono::seconds time) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, &before);
  Fd signals(::signalfd(-1, &set, SFD_CLOEXEC));
  pollfd waiting{.fd = signals.get(), .events = POLLIN, .revents = 0};
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    const auto slice = std::min<std::int64_t>(left.count(), 3'600'000);
    signalfd_siginfo taken;  // so that it does not end the program afterwards
    if (::poll(&waiting, 1, static_cast<int>(slice)) > 0 &&
        ::read(signals.get(), &taken, sizeof(taken)) == sizeof(taken))
      break;
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

int run_learn(const Arguments& arguments, const Console& console) {
  Result<std::string> cgroup = cgroup_named(arguments.operands[0]);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  const nlohmann::json which = {{"cgroup", *cgroup}};
  // Without a time it ends what somebody began, and whose terminal has gone.
  if (arguments.grant_for.count() > 0) {
    nlohmann::json start = which;
    start["seconds"] = arguments.grant_for.count();
    Result<nlohmann::json> started =
        Client(arguments.socket_path).request("POST", "/v1/learning", start);
    if (!started) return console.fail(started.error());
    console.err << "stayctl: " << escape(*cgroup) << " is observed for "
                << to_text(arguments.grant_for)
                << " and not held meanwhile; Ctrl-C ends it early\n";
    wait_for(arguments.grant_for);
  }
  Result<nlohmann::json> ended =
      Client(arguments.socket_path).request("DELETE", "/v1/learning", which);
  if (!ended) return console.fail(ended.error());
  if (arguments.json)
    console.out << dump(*ended) << '\n';
  else
    console.out << ended->value("draft", "");
  return kExitOk;
}

int run_reload(const Arguments& arguments, const Console& console) {
  Result<nlohmann::json> reply =
      Client(arguments.socket_path).request("POST", "/v1/policies/reload");
  if (!reply) return console.fail(reply.error());
  if (arguments.json)
    console.out << dump(*reply) << '\n';
  else
    console.out << "policies are reloaded; workloads under them: "
                << dump(reply->value("workloads", nlohmann::json())) << '\n';
  return kExitOk;
}

}  // namespace stayd
