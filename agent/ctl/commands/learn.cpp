// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/fd.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/workload_name.h"
#include "policy/values.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kLookEvery{1};

struct Options {
  std::string workload;
  std::chrono::seconds time{0};  // zero: end the session that is under way
  std::vector<std::string> use, with, trust;
  std::string user;

  bool says_packs() const {
    return !use.empty() || !with.empty() || !trust.empty() || !user.empty();
  }
};

// Why waiting is over.
enum class Waited { time_is_up, interrupted, ended_elsewhere };

class SessionWait {
 public:
  SessionWait(const Console& console, json session)
      : client_(console.socket_path), session_(std::move(session)) {}

  // Until Ctrl-C, or the time is up, which stayd watches, too, or somebody else ends the session.
  Waited wait(std::chrono::seconds time) {
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, &before);
    Fd signals(::signalfd(-1, &set, SFD_CLOEXEC));
    pollfd waiting{.fd = signals.get(), .events = POLLIN, .revents = 0};
    const auto end = std::chrono::steady_clock::now() + time;
    Waited waited = Waited::time_is_up;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0) break;
      const auto slice = std::min<std::chrono::milliseconds>(left, kLookEvery);
      signalfd_siginfo taken;  // so that it does not end the program afterwards
      if (::poll(&waiting, 1, static_cast<int>(slice.count())) > 0 &&
          ::read(signals.get(), &taken, sizeof(taken)) == sizeof(taken)) {
        waited = Waited::interrupted;
        break;
      }
      if (is_over()) {
        waited = Waited::ended_elsewhere;
        break;
      }
    }
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return waited;
  }

  // False also if stayd does not answer: it may be starting again.
  bool is_over() {
    const Result<json> reply = client_.request("GET", "/v1/learning");
    if (!reply) return false;
    const json sessions = reply->value("sessions", json::array());
    return std::ranges::none_of(
        sessions, [&](const json& each) { return each.value("session", json()) == session_; });
  }

 private:
  Client client_;
  const json session_;
};

// "repository=/home/dev/project"; a name that is given twice has both values.
Result<json> parameters(const std::vector<std::string>& with) {
  json values = json::object();
  for (const std::string& each : with) {
    const std::size_t equals = each.find('=');
    if (equals == 0 || equals == each.npos || equals + 1 == each.size())
      return Error{stayd::in_quotes(each) + " gives no parameter a value; write --with NAME=VALUE"};
    values[each.substr(0, equals)].push_back(each.substr(equals + 1));
  }
  return {boost::system::in_place_value, std::move(values)};
}

Result<json> start_request(const Options& options, const std::string& cgroup) {
  json start = {{"cgroup", cgroup}, {"seconds", options.time.count()}};
  Result<json> with = parameters(options.with);
  if (!with) return with;
  if (!with->empty()) start["with"] = std::move(*with);
  if (!options.use.empty()) start["use"] = options.use;
  if (!options.trust.empty()) start["trust"] = options.trust;
  if (!options.user.empty()) start["user"] = options.user;
  return {boost::system::in_place_value, std::move(start)};
}

int run(const Options& options, const Console& console) {
  Result<std::string> cgroup = cgroup_named(options.workload);
  if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
  // Without a time it ends what somebody began, and whose terminal may have gone.
  if (options.time.count() == 0 && options.says_packs())
    return console.fail(Error{"packs are said when learning begins; add --for 1h"}, kExitUsage);
  if (options.time.count() > 0) {
    const Result<json> start = start_request(options, *cgroup);
    if (!start) return console.fail(start.error(), kExitUsage);
    Result<json> started = Client(console.socket_path).request("POST", "/v1/learning", *start);
    if (!started) return console.fail(started.error());
    console.note("observing " + escape(*cgroup) + " for " + to_text(options.time) +
                 "; nothing of it is held. Press Ctrl-C to end earlier");
    SessionWait session(console, started->value("session", json()));
    if (session.wait(options.time) == Waited::ended_elsewhere) {
      console.note(
          "the session has ended: another 'stayctl learn' has printed the draft, or stayd "
          "was started again");
      return kExitOk;
    }
  }
  Result<json> ended =
      Client(console.socket_path).request("DELETE", "/v1/learning", {{"cgroup", *cgroup}});
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
  return {
      .name = "learn",
      .summary = "observe a workload, then print a draft policy",
      .operands = {operand("WORKLOAD", options->workload)},
      .options = {time_option("--for", "for how long; without it, end and print a draft",
                              options->time),
                  list_option("--use", "PACKS", "packs to build on [its policy's, else secrets]",
                              options->use),
                  list_option("--with", "NAME=VALUE", "what the packs have to be told",
                              options->with),
                  list_option("--trust", "PACKS", "packs whose rules may allow", options->trust),
                  text_option("--user", "LOGIN", "whose home '~' is", options->user)},
      .run = with(options, run)};
}

}  // namespace stayd
