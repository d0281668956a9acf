// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "audit/record_reader.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/time.h"
#include "context/cgroup_user.h"
#include "ctl/command.h"
#include "ctl/pack_path.h"
#include "ctl/record_files.h"
#include "ctl/recorded.h"
#include "ctl/workload_name.h"
#include "policy/attempt.h"
#include "policy/parser.h"
#include "policy/rule_reference.h"
#include "policy/values.h"
#include "policy/workload_user.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

using nlohmann::json;

struct Options {
  std::string policy;
  std::string as;                 // a workload; empty: all under a policy of that name
  std::chrono::seconds since{0};  // zero: from the beginning
  RecordFiles record;
  std::string packs;
};

constexpr std::size_t kMaxKept = 100'000;  // operations that differ
constexpr std::size_t kShown = 3;          // of them, for each pair of rules

// Operations that one rule decided then, and another would now.
struct Difference {
  std::uint64_t times = 0;
  std::string first, last;
  std::map<std::string, std::uint64_t> operations;
};
struct Change {
  Verdict before, after;
  std::string was, now;  // rules
  auto operator<=>(const Change&) const = default;
};

class Comparison {
 public:
  Comparison(const Policy& policy, const CompiledPolicy& compiled, PathTree& tree,
             std::optional<std::string> workload)
      : policy_(policy), compiled_(compiled), tree_(tree), workload_(std::move(workload)) {}

  void add(const Recorded& recorded, bool counts) {
    const bool ours = workload_ ? recorded.workload == *workload_ : recorded.policy == policy_.name;
    if (!ours) return;
    std::optional<Attempt> attempt = attempt_of(recorded);
    if (!attempt) {
      left_out_ += counts ? 1 : 0;
      return;
    }
    std::uint64_t& read = read_[recorded.workload];
    attempt->touched |= read;
    const std::uint64_t labels = attempt->read ? walk(compiled_, attempt->file).labels : 0;
    if (recorded.went_on)
      read |= labels;
    else if (recorded.hold != 0 && labels != 0)
      waiting_[recorded.hold] = {recorded.workload, labels};
    if (counts) compare(recorded, *attempt);
  }

  // A read that somebody approved counts from then on.
  void answered(std::uint64_t hold, bool went_on) {
    const auto found = waiting_.find(hold);
    if (found == waiting_.end()) return;
    if (went_on) read_[found->second.first] |= found->second.second;
    waiting_.erase(found);
  }

  const std::map<Change, Difference>& differences() const { return differences_; }
  std::uint64_t same() const { return same_; }
  std::uint64_t left_out() const { return left_out_; }
  std::uint64_t different() const { return different_; }

 private:
  std::optional<Attempt> attempt_of(const Recorded& recorded) {
    Result<Attempt> attempt = parse_attempt(recorded.attempt, tree_);
    if (!attempt) return std::nullopt;
    attempt->program.origins = recorded.origins;
    attempt->program.looks_ahead = false;  // the record has what was started, too
    for (const std::string& host : recorded.hosts) attempt->destination.hosts.push_back(host);
    std::vector<std::string> labels;
    for (const Label& label : policy_.labels)
      if (recorded.touched.contains(label.name)) labels.push_back(label.name);
    if (const Result<std::uint64_t> mask = touched_mask(policy_, compiled_, labels))
      attempt->touched = *mask;
    return *attempt;
  }

  void compare(const Recorded& recorded, const Attempt& attempt) {
    const RuleVerdict now = decide(compiled_, attempt);
    if (now.verdict == recorded.verdict) {
      ++same_;
      return;
    }
    ++different_;
    Difference& difference = differences_[{recorded.verdict, now.verdict, recorded.rule,
                                           rule_text(compiled_, attempt.kind, now)}];
    if (difference.times++ == 0) difference.first = recorded.time;
    difference.last = recorded.time;
    const auto known = difference.operations.find(recorded.attempt);
    if (known != difference.operations.end())
      ++known->second;
    else if (kept_++ < kMaxKept)
      difference.operations[recorded.attempt] = 1;
  }

  const Policy& policy_;
  const CompiledPolicy& compiled_;
  PathTree& tree_;
  std::optional<std::string> workload_;  // nothing: those under the policy of that name
  std::map<std::string, std::uint64_t> read_;
  std::map<std::uint64_t, std::pair<std::string, std::uint64_t>> waiting_;
  std::map<Change, Difference> differences_;
  std::uint64_t same_ = 0;
  std::uint64_t different_ = 0;
  std::uint64_t left_out_ = 0;
  std::size_t kept_ = 0;
};

Result<> read_record(const Options& options, Recording& recording, Comparison& comparison) {
  const Result<audit::RecordReader> record = options.record.open();
  if (!record) return record.error();
  const TimePoint now{std::chrono::milliseconds(now_ms())};
  const std::string since =
      options.since.count() == 0 ? std::string() : rfc3339(now - options.since);
  return record->read([&](const audit::ReadLine& line) {
    const std::optional<Recorded> recorded = recording.read(line.text);
    if (recorded) comparison.add(*recorded, recorded->time >= since);
    if (recording.answered())
      comparison.answered(recording.answered()->first, recording.answered()->second);
    return true;
  });
}

json to_json(const Comparison& comparison) {
  json list = json::array();
  for (const auto& [change, difference] : comparison.differences()) {
    json operations = json::array();
    for (const auto& [operation, times] : difference.operations)
      operations.push_back({{"operation", escape(operation, 4200)}, {"times", times}});
    list.push_back({{"before", to_string(change.before)},
                    {"after", to_string(change.after)},
                    {"was", change.was},
                    {"now", escape(change.now)},
                    {"times", difference.times},
                    {"first", difference.first},
                    {"last", difference.last},
                    {"operations", std::move(operations)}});
  }
  return {{"differences", std::move(list)},
          {"different", comparison.different()},
          {"same", comparison.same()},
          {"not_compared", comparison.left_out()}};
}

// Changes that make something laxer come first: a review is for them.
void print(const Comparison& comparison, std::ostream& out) {
  for (const bool laxer : {true, false}) {
    bool title = false;
    for (const auto& [change, difference] : comparison.differences()) {
      if ((change.after < change.before) != laxer) continue;
      if (!std::exchange(title, true)) out << (laxer ? "laxer:\n" : "stricter:\n");
      out << "  " << to_string(change.before) << " -> " << to_string(change.after) << "  "
          << difference.times << (difference.times == 1 ? " time" : " times") << ", last "
          << escape(difference.last) << "\n    was " << escape(without_entries(change.was))
          << "\n    now " << escape(without_entries(change.now)) << '\n';
      std::size_t shown = 0;
      for (const auto& [operation, times] : difference.operations) {
        if (++shown > kShown) break;
        out << "      " << escape(operation, 300) << (times > 1 ? "  " : "")
            << (times > 1 ? std::to_string(times) + " times" : "") << '\n';
      }
      if (difference.operations.size() > kShown)
        out << "      and " << difference.operations.size() - kShown << " others\n";
    }
  }
  out << comparison.different() << " different, " << comparison.same() << " the same";
  if (comparison.left_out() > 0) out << ", " << comparison.left_out() << " not comparable";
  out << ". What was plainly allowed is not in the record.\n";
}

// Nothing to compare is more often a mistake than an answer.
std::string nothing_found(const Policy& policy, const Recording& recording) {
  std::string text = "the record has no operations of workloads under a policy named " +
                     stayd::in_quotes(policy.name) + "; it has those of";
  for (const std::string& name : recording.policies()) text += " " + (name.empty() ? "?" : name);
  return text + (recording.policies().empty() ? " none" : "") + " (--as chooses a workload)";
}

int run(const Options& options, const Console& console) {
  Result<Policy> policy = load_policy(options.policy, packs_of(options.packs));
  if (!policy) return console.fail(policy.error());
  std::optional<std::string> workload;
  if (!options.as.empty()) {
    Result<std::string> cgroup = cgroup_named(options.as);
    if (!cgroup) return console.fail(cgroup.error(), kExitUsage);
    workload = std::move(*cgroup);
  }
  policy =
      for_cgroup_user(*policy, workload ? uid_of_cgroup(kCgroupRoot, *workload) : std::nullopt);
  if (!policy) return console.fail(policy.error());
  PathTree tree(true);
  const Result<CompiledPolicy> compiled = compile(*policy, tree.resolver());
  if (!compiled) return console.fail(compiled.error());
  Recording recording;
  Comparison comparison(*policy, *compiled, tree, workload);
  if (Result<> read = read_record(options, recording, comparison); !read)
    return console.fail(read.error());
  if (console.json)
    console.out << dump(to_json(comparison)) << '\n';
  else if (comparison.different() + comparison.same() + comparison.left_out() == 0)
    console.note(escape(nothing_found(*policy, recording), 2000));
  else
    print(comparison, console.out);
  return kExitOk;
}

}  // namespace

Command policy_diff_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "policy diff",
          .summary = "show which recorded operations a policy would decide differently",
          .operands = {operand("NEW", options->policy)},
          .options = {text_option("--as", "WORKLOAD",
                                  "only this workload [those under a policy of the same name]",
                                  options->as),
                      time_option("--since", "only what happened in the last TIME, such as 24h",
                                  options->since),
                      options->record.option(), packs_option(options->packs)},
          .run = with(options, run)};
}

}  // namespace stayd
