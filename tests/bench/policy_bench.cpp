// SPDX-License-Identifier: Apache-2.0
// bench_policy costs | reload | compile: what policies cost, with few rules and with many. For
// scripts/bench, which says what to make of it.
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/costs.h"
#include "bench/rule_set.h"
#include "bench/ruler.h"
#include "policy/compiler.h"
#include "policy/parser.h"
#include "policy/path_tree.h"
#include "support/actor.h"
#include "support/cgroup.h"
#include "support/stayd_process.h"

namespace stayd::bench {
namespace {

using test::Actor;
using test::Body;
using test::Cgroup;
using test::Report;
using test::StaydProcess;

namespace fs = std::filesystem;

constexpr std::size_t kFew = 10;
constexpr std::size_t kMany = 10'000;
constexpr int kDepth = 12;  // names below the root of the file system, the file's included
constexpr std::size_t kFirstOpens = 600;
constexpr std::size_t kFirstOpensInARound = 30;
constexpr std::uint16_t kPort = 443;
const std::string kPlace = "/tmp/bench";  // a tmpfs

void write(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("write " + file);
}

// Twelve levels deep, where no rule is about anything but the root.
std::vector<std::string> make_deep_files(std::size_t count) {
  std::string directory = "/tmp";
  for (int level = 1; level < kDepth; ++level) directory += "/level" + std::to_string(level);
  fs::create_directories(directory);
  std::vector<std::string> files;
  for (std::size_t i = 0; i < count; ++i) {
    files.push_back(directory + "/file" + std::to_string(i));
    write(files.back(), "text\n");
  }
  return files;
}

std::string policy_file() { return kPlace + "/policy.yaml"; }

// ---- costs

enum Cost { kSeen, kFirst, kConnectDefault, kConnectRule, kSend, kCosts };
using Costs = std::array<double, kCosts>;

// In a process of its own, in a cgroup or not.
Costs measure(const std::string& cgroup, const std::vector<std::string>& files) {
  Actor actor(cgroup, [&](Report& report) -> long {
    const Costs costs = {cost_of_open(files[0]), 0, cost_of_connect(kAllowedByDefault, kPort),
                         cost_of_connect(kAllowedByRule, kPort), cost_of_send(kAllowedByDefault)};
    const double first = cost_of_first_open({files.begin() + 1, files.end()}, kFirstOpensInARound);
    for (std::size_t i = 0; i < kCosts; ++i)
      report.counters[i] = static_cast<std::int64_t>((i == kFirst ? first : costs[i]) * 100);
    return 0;
  });
  if (!actor.ends(test::seconds(300)) || actor.exit_code() != 0)
    throw std::runtime_error("an operation failed that is allowed");
  Costs costs{};
  for (std::size_t i = 0; i < kCosts; ++i)
    costs[i] = static_cast<double>(actor.report().counters[i].load()) / 100;
  return costs;
}

void print(const char* who, const Costs& costs, const Costs& bare) {
  std::printf("%-34s", who);
  for (std::size_t i = 0; i < kCosts; ++i)
    std::printf(" %9.0f (%+5.0f)", costs[i], costs[i] - bare[i]);
  std::printf("\n");
}

void judge(const char* what, double cost, double most) {
  std::printf("%-58s %+6.0f  at most %+6.0f  %s\n", what, cost, most,
              cost <= most ? "met" : "MISSED");
}

void assign(const StaydProcess& stayd, const Cgroup& cgroup, std::size_t rules) {
  write(policy_file(), rule_set(kPlace, rules));
  stayd.request("POST", "/v1/workloads", {{"cgroup", cgroup.name()}, {"policy", policy_file()}});
}

int costs() {
  const std::vector<std::string> files = make_deep_files(kFirstOpens + 1);
  measure("", files);  // everything is in memory from then on
  const Costs bare = measure("", files);
  std::printf("%-34s %17s %17s %17s %17s %17s\n", "(above no agent)", "open seen before",
              "first open", "connect, default", "connect, rule", "send and recv");
  print("no agent", bare, bare);
  Costs empty{};
  {
    const Ruler ruler;
    empty = measure("", files);
  }
  print("an empty LSM program", empty, bare);

  const Cgroup cgroup("/bench");
  StaydProcess stayd(kPlace + "/stayd");
  stayd.start();
  const Costs idle = measure("", files);
  print("agent, no workload", idle, bare);
  std::array<Costs, 2> untagged{}, tagged{};
  const std::size_t sizes[] = {kFew, kMany};
  for (std::size_t i = 0; i < 2; ++i) {
    assign(stayd, cgroup, sizes[i]);
    const std::string rules = ", " + std::to_string(sizes[i]) + " rules";
    untagged[i] = measure("", files);
    print(("agent, untagged" + rules).c_str(), untagged[i], bare);
    tagged[i] = measure(cgroup.directory(), files);
    print(("agent, tagged" + rules).c_str(), tagged[i], bare);
  }
  std::printf("\n");
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string with = ", " + std::to_string(sizes[i]) + " rules";
    judge(("untagged open, above the empty program" + with).c_str(),
          untagged[i][kSeen] - empty[kSeen], 45);
    judge(("untagged connect, above the empty program" + with).c_str(),
          untagged[i][kConnectDefault] - empty[kConnectDefault], 45);
    judge(("tagged and allowed, seen before" + with).c_str(), tagged[i][kSeen] - bare[kSeen], 600);
    judge(("tagged and allowed, first open, depth 12" + with).c_str(),
          tagged[i][kFirst] - bare[kFirst], 1500);
    judge(("tagged connect, allowed by default" + with).c_str(),
          tagged[i][kConnectDefault] - bare[kConnectDefault], 600);
    judge(("untagged send, above an agent without a workload" + with).c_str(),
          untagged[i][kSend] - idle[kSend], 45);
    judge(("tagged connect, allowed by a rule" + with).c_str(),
          tagged[i][kConnectRule] - bare[kConnectRule], 600);
  }
  return 0;
}

// ---- reload

// Tries what is allowed and what is denied, over and over, until told to stop: counters[0] is
// how often, counters[1] how often it was not as it should be.
Body tries_everything(std::string allowed, std::string denied) {
  return [=](Report& report) -> long {
    const auto is_right = [](long result, bool right) {
      return right ? result >= 0 : result < 0 && errno == EPERM;
    };
    const auto opens = [&](const std::string& file) {
      const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd >= 0) ::close(fd);
      return fd;
    };
    while (report.stage < 2) {
      bool right = is_right(opens(allowed), true) && is_right(opens(denied), false);
      right = right && is_right(connect_datagram(kAllowedByRule, kPort), true) &&
              is_right(connect_datagram(kDenied, kPort), false);
      ++report.counters[0];
      if (!right) ++report.counters[1];
      if (report.stage == 0) report.stage = 1;
    }
    return 0;
  };
}

double reload(const StaydProcess& stayd, std::size_t rules, int round) {
  write(policy_file(), rule_set(kPlace, rules) + "# " + std::to_string(round) + "\n");
  const std::int64_t begun = test::now_ns();
  stayd.request("POST", "/v1/policies/reload");
  return static_cast<double>(test::now_ns() - begun) / 1e6;
}

double best_reload(const StaydProcess& stayd, std::size_t rules, int rounds) {
  double best = reload(stayd, rules, 0);
  for (int round = 1; round < rounds; ++round) best = std::min(best, reload(stayd, rules, round));
  return best;
}

int reloads() {
  const std::vector<std::string> files = make_deep_files(1);
  const Cgroup cgroup("/bench");
  StaydProcess stayd(kPlace + "/stayd");
  stayd.start();
  assign(stayd, cgroup, kFew);
  const double few = best_reload(stayd, kFew, 5);
  const double many = best_reload(stayd, kMany, 5);
  const double half = best_reload(stayd, kMany / 2, 3);
  std::printf("reload, %zu rules: %.2f ms of guest time\n", kFew, few);
  std::printf("reload, %zu rules: %.2f ms of guest time\n", kMany / 2, half);
  std::printf("reload, %zu rules: %.2f ms of guest time\n", kMany, many);
  std::printf("ratio %zu : %zu rules: %.1f; %zu : %zu rules: %.2f\n", kMany, kFew, many / few,
              kMany, kMany / 2, many / half);

  const std::int64_t missing = stayd.counter("denied_policy_missing");
  Actor actor(cgroup.directory(), tries_everything(files[0], kPlace + "/denied"));
  if (!actor.report().reaches(1)) throw std::runtime_error("the prober does not run");
  const std::int64_t before = actor.report().counters[0];
  for (int round = 0; round < 6; ++round) reload(stayd, round % 2 ? kFew : kMany, round);
  const std::int64_t during = actor.report().counters[0] - before;
  actor.report().stage = 2;
  if (!actor.ends()) throw std::runtime_error("the prober does not end");
  const std::int64_t wrong = actor.report().counters[1];
  std::printf("6 reloads under load: 4 operations %lld times, %lld times undecided or wrong\n",
              static_cast<long long>(during), static_cast<long long>(wrong));
  const bool gap = wrong != 0 || stayd.counter("denied_policy_missing") != missing || during == 0;
  std::printf("no gap: %s\n", gap ? "MISSED" : "met");
  return gap ? 1 : 0;
}

// ---- compile

// The part in user space that needs no kernel: reading and compiling the file.
int compiles() {
  const std::string directory = "/tmp/bench-policy." + std::to_string(::getpid());
  fs::create_directories(directory);
  for (std::size_t rules : {kFew, kMany / 2, kMany}) {
    const std::string text = rule_set(directory, rules);
    double parsing = 1e9, compiling = 1e9;
    for (int round = 0; round < 7; ++round) {
      const std::int64_t begun = test::now_ns();
      const Result<Policy> policy = parse_policy(text, "bench.yaml");
      const std::int64_t parsed = test::now_ns();
      if (!policy) throw std::runtime_error(policy.error().message);
      PathTree tree;
      if (Result<CompiledPolicy> compiled = compile(*policy, tree.resolver()); !compiled)
        throw std::runtime_error(compiled.error().message);
      parsing = std::min(parsing, static_cast<double>(parsed - begun) / 1e6);
      compiling = std::min(compiling, static_cast<double>(test::now_ns() - parsed) / 1e6);
    }
    std::printf("%6zu rules, %4zu KiB: parse %.2f ms, compile %.2f ms\n", rules, text.size() / 1024,
                parsing, compiling);
  }
  fs::remove_all(directory);
  return 0;
}

int run(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "compile") return compiles();
  fs::create_directories(kPlace);
  if (what == "costs") return costs();
  if (what == "reload") return reloads();
  std::fprintf(stderr, "usage: bench_policy costs | reload | compile\n");
  return 2;
}

}  // namespace
}  // namespace stayd::bench

int main(int argc, char** argv) {
  try {
    return stayd::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_policy: %s\n", error.what());
    return 1;
  }
}
