// SPDX-License-Identifier: Apache-2.0
// The kernel and the gatekeeper together decide as decide() does, which explains policies and
// tests them: random policies, random operations that are really performed.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>

#include "kernel_test.h"
#include "policy/attempt.h"
#include "policy/parser.h"
#include "support/record_reader.h"
#include "trials/trial.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTrials = 60;  // of one policy
constexpr std::size_t kThreads = 8;

// One policy and the operations that are tried under it.
struct Round {
  std::uint64_t seed = 0;
  World world;
  std::vector<Trial> trials;
  bool flows = false;
  std::string sections;  // of the policy
  Policy policy;
  CompiledPolicy compiled;

  std::string text(bool observe) const {
    return "policy: trials\n" + std::string(observe ? "mode: observe\n" : "") + sections;
  }
};

std::unique_ptr<Round> make_round(std::uint64_t seed, const std::string& root, bool only_looks) {
  auto round = std::make_unique<Round>();
  Randomness random(seed);
  round->seed = seed;
  round->world.root = root;
  round->world.only_looks = only_looks;
  for (std::size_t i = 0; i < kTrials; ++i) {
    const std::size_t kind = i % 10;
    round->trials.push_back(kind < 6   ? file_trial(random, round->world, i)
                            : kind < 8 ? exec_trial(random, round->world, i)
                            : kind < 9 ? network_trial(random, round->world, i)
                                       : socket_trial(random, round->world, i));
  }
  round->flows = random.one_in(3);
  round->sections = random_policy(random, round->world, round->flows);
  Result<Policy> policy = parse_policy(round->text(false), "policy.yaml");
  if (!policy) throw std::runtime_error(policy.error().message + "\n" + round->text(false));
  round->policy = std::move(*policy);
  Result<CompiledPolicy> compiled = compile(round->policy, round->world.tree.resolver());
  if (!compiled) throw std::runtime_error(compiled.error().message);
  round->compiled = std::move(*compiled);
  return round;
}

// What came of one operation.
struct Seen {
  bool refused = false;
  std::vector<std::string> said;  // by the record: "held: RULE"
  bool operator==(const Seen&) const = default;
};

std::string to_text(const Seen& seen) {
  std::string text = seen.refused ? "refused" : "went on";
  for (const std::string& each : seen.said) text += "; " + each;
  return text;
}

bool is_approved(std::size_t trial) { return trial % 3 == 0; }

std::string rule_text(const CompiledPolicy& compiled, const Attempt& attempt,
                      RuleVerdict rule_verdict) {
  if (rule_verdict.rule != 0) return compiled.rules[rule_verdict.rule].text;
  if (attempt.kind == Attempt::Kind::exec) return "exec.default";
  const bool network =
      attempt.kind == Attempt::Kind::network || attempt.kind == Attempt::Kind::unix_socket;
  return network ? "network.default" : "files.default";
}

// By decide(). What is read touches labels, so that the order matters to flows.
std::vector<Seen> expected(const Round& round, bool observe) {
  std::vector<Seen> all;
  std::uint64_t touched = 0;
  for (std::size_t i = 0; i < round.trials.size(); ++i) {
    Attempt attempt = round.trials[i].attempt;
    attempt.touched = touched;
    const RuleVerdict rule_verdict = decide(round.compiled, attempt);
    Seen seen;
    const std::string rule = rule_text(round.compiled, attempt, rule_verdict);
    const bool held = rule_verdict.verdict == Verdict::hold;
    const bool waits = attempt.kind != Attempt::Kind::unix_socket;
    if (held) seen.said.push_back("held: " + rule);
    if (rule_verdict.verdict == Verdict::deny) seen.said.push_back("denied: " + rule);
    if (rule_verdict.verdict == Verdict::audit) seen.said.push_back("audited: " + rule);
    const bool approved = held && waits && is_approved(i);
    seen.refused = !observe && !approved && rule_verdict.verdict >= Verdict::hold;
    if (!seen.refused && attempt.kind == Attempt::Kind::open && attempt.read)
      touched |=
          with_globs(round.compiled, walk(round.compiled, attempt.file), attempt.file.path).labels;
    all.push_back(std::move(seen));
  }
  return all;
}

// A file system of the test's own, at a directory of its own.
class Mounted {
 public:
  Mounted(std::string directory, const std::string& command) : directory_(std::move(directory)) {
    fs::create_directories(directory_);
    if (std::system(("PATH=/sbin:/usr/sbin:$PATH; " + command + " " + directory_).c_str()) != 0)
      throw std::runtime_error(command);
  }
  ~Mounted() { ::umount2(directory_.c_str(), MNT_DETACH); }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;

 private:
  std::string directory_;
};

// Shared with the process that tries.
struct Results {
  std::atomic<std::size_t> next;
  std::array<std::atomic<int>, kTrials> error;
};

class Differential : public KernelTest {
 protected:
  Differential()
      : record_(stayd().record_path()),
        results_(static_cast<Results*>(::mmap(nullptr, sizeof(Results), PROT_READ | PROT_WRITE,
                                              MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
        marker_cgroup_(cgroup().name() + "-marker") {
    write("marker.yaml",
          "policy: marker\nnetwork: {default: allow}\nexec: {default: allow}\n"
          "files: {default: allow, read: {audit: [" +
              path("marker.yaml") + "]}}\n");
    stayd().request("POST", "/v1/workloads",
                    {{"cgroup", marker_cgroup_.name()}, {"policy", path("marker.yaml")}});
    marker_ = std::make_unique<Actor>(marker_cgroup_.directory(), [this](Report& report) -> long {
      for (int mark = 1; report.reaches(mark); ++mark) {
        Fd(::open(path("marker.yaml").c_str(), O_RDONLY | O_CLOEXEC));
      }
      return 0;
    });
  }
  ~Differential() override {
    (void)stayd().try_request("DELETE", "/v1/workloads", {{"cgroup", marker_cgroup_.name()}});
    ::munmap(results_, sizeof(Results));
  }

  std::vector<Seen> really(Round& round, bool observe);
  void expect_no_difference(std::uint64_t first, std::size_t rounds, const std::string& root,
                            bool only_looks = false);
  // Returns the number of differences, which it shows.
  std::size_t compare(Round& round, bool observe);

 private:
  void answer_all(Actor& actor);
  std::vector<Json> what_was_recorded();

  RecordReader record_;
  Results* results_;
  Cgroup marker_cgroup_;
  std::unique_ptr<Actor> marker_;
};

// Each trial's thread says which one it is by its name, which every event brings along.
long try_all(const std::vector<Trial>& trials, Results& results, std::size_t threads) {
  const auto work = [&] {
    for (std::size_t i; (i = results.next++) < trials.size();) {
      ::prctl(PR_SET_NAME, ("trial" + std::to_string(i)).c_str());
      const long value = trials[i].perform();
      results.error[i] = value < 0 ? errno : 0;
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& each : others) each.join();
  return 0;
}

// All that is held, one as soon as the other: by the number of its trial.
void Differential::answer_all(Actor& actor) {
  std::set<Json> answered;
  const std::int64_t begun = now_ns();
  while (!actor.ends(milliseconds(10))) {
    if (since_ns(begun) > kPatience) throw std::runtime_error("trials that do not end");
    for (const Json& each : tickets(false)) {
      if (!answered.insert(each["id"]).second) continue;
      const std::string name = each["operation"]["caller"]["comm"];
      const bool waits = each["operation"]["disposition"] == "held";
      const bool approve = waits && is_approved(std::stoul(name.substr(std::strlen("trial"))));
      (void)decide(each, approve ? "approve" : "deny");
    }
  }
}

// What the marker does is reported after all trials, and the desk takes each workload's in turn.
std::vector<Json> Differential::what_was_recorded() {
  ++marker_->report().stage;
  std::vector<Json> all;
  bool is_marked = false;
  const auto is_whole = [&] {
    const bool is_last = is_marked && stayd().status()["gatekeeper"]["unread"] == 0;
    for (Json& line : record_.next()) {
      if (line["event"] == "operation" && line["operation"]["caller"]["pid"] == marker_->pid())
        is_marked = true;
      else
        all.push_back(std::move(line));
    }
    return is_last;
  };
  if (!eventually(is_whole)) throw std::runtime_error("the record does not go on");
  return all;
}

std::vector<Seen> Differential::really(Round& round, bool observe) {
  fs::remove_all(round.world.root);
  fs::create_directories(round.world.root);
  for (const Trial& trial : round.trials)
    if (!trial.late) trial.prepare();
  release();
  write("policy.yaml", round.text(observe));
  assign();
  for (const Trial& trial : round.trials)
    if (trial.late) trial.prepare();
  record_.next();

  new (results_) Results{};
  for (std::atomic<int>& each : results_->error) each = -1;
  const std::size_t threads = round.flows ? 1 : kThreads;
  const auto actor =
      tagged([&](Report&) -> long { return try_all(round.trials, *results_, threads); });
  if (!observe) answer_all(*actor);
  if (!actor->ends()) {
    std::string unfinished = "seed " + std::to_string(round.seed) + ", trials do not end:";
    for (std::size_t i = 0; i < round.trials.size(); ++i)
      if (results_->error[i] < 0) unfinished += "\n" + round.trials[i].text;
    throw std::runtime_error(unfinished + "\n" + round.text(observe) + stayd().status().dump(1) +
                             stayd().last_words());
  }

  std::vector<Seen> all(round.trials.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i].refused = results_->error[i] == EPERM;
  for (const Json& line : what_was_recorded()) {
    const bool opened = line["event"] == "ticket_opened";
    if (!opened && line["event"] != "operation") continue;
    const Json& operation = opened ? line["shown"]["operation"] : line["operation"];
    const std::string name = operation["caller"]["comm"];
    if (!name.starts_with("trial")) {
      ADD_FAILURE() << "not a trial's: " << line.dump(1);
      continue;
    }
    std::string how = opened ? "held" : operation["disposition"].get<std::string>();
    if (how == "would_hold") how = "held";
    if (how == "would_deny") how = "denied";
    const std::string rule = opened ? line["shown"]["rule"] : line["rule"];
    std::vector<std::string>& said = all[std::stoul(name.substr(std::strlen("trial")))].said;
    how += ": " + rule;
    // If the tables change before a call that waits passes, because a place was found, it is judged
    // by them once more, and recorded once more.
    if (said.empty() || said.back() != how) said.push_back(how);
  }
  return all;
}

std::size_t Differential::compare(Round& round, bool observe) {
  const std::vector<Seen> wanted = expected(round, observe);
  const std::vector<Seen> seen = really(round, observe);
  std::size_t different = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == wanted[i]) continue;
    ++different;
    ADD_FAILURE() << "seed " << round.seed << ", trial " << i << (observe ? ", observed: " : ": ")
                  << round.trials[i].text << (round.trials[i].late ? ", made late" : "")
                  << "\n  decide():   " << to_text(wanted[i])
                  << "\n  the kernel: " << to_text(seen[i]) << " (errno " << results_->error[i]
                  << ")";
  }
  if (different != 0) std::cout << round.text(observe) << '\n';
  return different;
}

// `rounds` policies, each observed and then enforced; scripts/test --long asks for more.
void Differential::expect_no_difference(std::uint64_t first, std::size_t rounds,
                                        const std::string& root, bool only_looks) {
  if (const char* chosen = std::getenv("STAYD_TRIALS_SEED")) first = std::stoull(chosen);
  if (const char* chosen = std::getenv("STAYD_TRIALS")) rounds = std::stoul(chosen);
  const std::int64_t begun = now_ns();
  std::size_t pairs = 0, different = 0;
  for (std::size_t i = 0; i < rounds && different < 20; ++i) {
    const auto round = make_round(first + i, root, only_looks);
    for (const bool observe : {true, false}) {
      different += compare(*round, observe);
      pairs += round->trials.size();
    }
  }
  std::cout << "seeds " << first << " to " << first + rounds - 1 << ": " << pairs << " pairs, "
            << different << " differences, " << since_ns(begun).count() << " ms\n";
  EXPECT_EQ(different, 0u);
}

TEST_F(Differential, TheKernelDecidesAsDecideDoes) {
  expect_no_difference(20240901, 12, path("world"));
}

// Where inodes are numbered by the disk, and another file system is looked through.
TEST_F(Differential, TheKernelDecidesAsDecideDoesOnExt4) {
  const Mounted image(path("image"), "modprobe -a loop ext4 && truncate -s 32M " + path("file") +
                                         " && mkfs.ext4 -q " + path("file") + " && mount -o loop " +
                                         path("file"));
  expect_no_difference(20250901, 2, path("image/world"));
}

// What is made, deleted or renamed there is met twice.
TEST_F(Differential, TheKernelDecidesAsDecideDoesOnOverlayfs) {
  for (const char* each : {"lower", "upper", "work"}) fs::create_directory(path(each));
  const Mounted overlay(path("merged"), "mount -t overlay -o lowerdir=" + path("lower") +
                                            ",upperdir=" + path("upper") +
                                            ",workdir=" + path("work") + " overlay");
  expect_no_difference(20260901, 2, path("merged/world"), true);
  // A program is deleted whose name is that of a directory in which a rule names something.
  expect_no_difference(20260909, 1, path("merged/world"), true);
}

}  // namespace
}  // namespace stayd::test
