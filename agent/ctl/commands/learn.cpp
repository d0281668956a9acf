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
#include "ctl/command.h"
#include "ctl/workload_name.h"
#include "policy/values.h"

namespace stayd {
namespace {

struct Options {
  std::string workload;
  std::chrono::seconds time{0};  // zero: end the session that is under way
};

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

int run(const Options& options, const Console& console) {
  Result<std::string> cgroup = cgroup_named(options.workload);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  const nlohmann::json which = {{"cgroup", *cgroup}};
  // Without a time it ends what somebody began, and whose terminal has gone.
  if (options.time.count() > 0) {
    nlohmann::json start = which;
    start["seconds"] = options.time.count();
    Result<nlohmann::json> started =
        Client(console.socket_path).request("POST", "/v1/learning", start);
    if (!started) return console.fail(started.error());
    console.note("observing " + escape(*cgroup) + " for " + to_text(options.time) +
                 "; nothing of it is held. Press Ctrl-C to end earlier");
    wait_for(options.time);
  }
  Result<nlohmann::json> ended =
      Client(console.socket_path).request("DELETE", "/v1/learning", which);
  if (!ended) return console.fail(ended.error());
  if (console.json)
    console.out << dump(*ended) << '\n';
  else
    console.out << ended->value("draft", "");
  return kExitOk;
}

}  // namespace

Command learn_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "learn",
          .summary = "observe a workload, then print a draft policy",
          .operands = {operand("WORKLOAD", options->workload)},
          .options = {time_option("--for", "for how long; without it, end and print a draft",
                                  options->time)},
          .run = with(options, run)};
}

}  // namespace stayd
