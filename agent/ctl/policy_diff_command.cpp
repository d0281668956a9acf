// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "audit/record_reader.h"
#include "base/escape.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "policy/attempt.h"
#include "policy/parser.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kMostGroups = 10'000;

// An operation of the record, as explain takes it, and what was decided then.
struct Recorded {
  std::string attempt;
  Verdict verdict = Verdict::deny;
  std::string time;
};

std::optional<Verdict> verdict_of(const std::string& disposition) {
  if (disposition == "held" || disposition == "cannot_wait" || disposition == "would_hold")
    return Verdict::hold;
  if (disposition == "denied" || disposition == "would_deny") return Verdict::deny;
  if (disposition == "audited") return Verdict::audit;
  return std::nullopt;
}

std::string attempt_of(const json& operation) {
  const std::string kind = operation.value("kind", "");
  const std::string path = operation.value("path", "");
  if (kind == "connect" || kind == "send") return "connect:" + operation.value("endpoint", "");
  if (kind == "unix") return "connect:unix:" + path;
  if (kind == "rename") return "rename:" + path + ":" + operation.value("new_path", "");
  if (kind == "exec") {
    std::string text = "exec:" + path;
    bool first = true;
    for (const json& argument : operation.value("arguments", json::array()))
      if (!std::exchange(first, false) && argument.is_string())
        text += " " + argument.get<std::string>();
    return text;
  }
  if (kind != "open") return kind + ":" + path;
  std::string access;
  for (const json& each : operation.value("access", json::array()))
    if (each.is_string()) access += each.get<std::string>();
  return "open:" + path + ":" + access;
}

// Nothing: not an operation, or one that cannot be written down because its path has bytes
// that the record shows escaped.
std::optional<Recorded> read_line(std::string_view line) {
  const Result<json> event = parse_json(line);
  if (!event || !event->is_object()) return std::nullopt;
  const std::string name = event->value("event", "");
  const json* of = nullptr;
  if (name == "operation") of = &*event;
  if (name == "ticket_opened" && event->contains("shown")) of = &(*event)["shown"];
  if (!of || !of->contains("operation") || !(*of)["operation"].is_object()) return std::nullopt;
  const json& operation = (*of)["operation"];
  const std::optional<Verdict> verdict = verdict_of(operation.value("disposition", ""));
  if (!verdict) return std::nullopt;
  Recorded recorded{attempt_of(operation), *verdict, event->value("time", "")};
  if (recorded.attempt.find('\\') != std::string::npos) return std::nullopt;
  return recorded;
}

struct Difference {
  std::uint64_t times = 0;
  std::string first, last, rule;
};
using Differences = std::map<std::tuple<Verdict, Verdict, std::string>, Difference>;

struct Comparison {
  Differences differences;
  std::uint64_t same = 0;
  std::uint64_t left_out = 0;
};

void compare(const Recorded& recorded, const CompiledPolicy& policy, PathTree& tree,
             Comparison& comparison) {
  const Result<Attempt> attempt = parse_attempt(recorded.attempt, tree);
  if (!attempt) {
    ++comparison.left_out;
    return;
  }
  const Judgement now = decide(policy, *attempt);
  if (now.verdict == recorded.verdict) {
    ++comparison.same;
    return;
  }
  if (comparison.differences.size() == kMostGroups) {
    ++comparison.left_out;
    return;
  }
  Difference& difference =
      comparison.differences[{recorded.verdict, now.verdict, recorded.attempt}];
  if (difference.times++ == 0) difference.first = recorded.time;
  difference.last = recorded.time;
  difference.rule = policy.rules[now.rule];
}

void print(const Comparison& comparison, const Arguments& arguments, std::ostream& out) {
  if (arguments.json) {
    json list = json::array();
    for (const auto& [what, difference] : comparison.differences)
      list.push_back({{"before", to_string(std::get<0>(what))},
                      {"after", to_string(std::get<1>(what))},
                      {"operation", std::get<2>(what)},
                      {"times", difference.times},
                      {"first", difference.first},
                      {"last", difference.last},
                      {"rule", escape(difference.rule)}});
    out << dump({{"differences", list},
                 {"same", comparison.same},
                 {"not_compared", comparison.left_out}})
        << '\n';
    return;
  }
  for (const auto& [what, difference] : comparison.differences)
    out << to_string(std::get<0>(what)) << " -> " << to_string(std::get<1>(what)) << "  "
        << escape(std::get<2>(what), 600) << "  (" << difference.times << " times, last "
        << escape(difference.last) << "; now by " << escape(difference.rule, 300) << ")\n";
  out << comparison.differences.size() << " different, " << comparison.same << " the same, "
      << comparison.left_out << " not compared\n";
}

}  // namespace

int run_policy_diff(const Arguments& arguments, const Console& console) {
  const Result<Policy> policy = load_policy(arguments.operands[0]);
  if (!policy) return console.fail(policy.error());
  PathTree tree(true);
  const Result<CompiledPolicy> compiled = compile(*policy, tree.resolver());
  if (!compiled) return console.fail(compiled.error());
  const Result<audit::RecordReader> record = audit::RecordReader::open_all(arguments.record);
  if (!record) return console.fail(record.error());
  Comparison comparison;
  const Result<> read = record->read([&](const audit::ReadLine& line) {
    if (const std::optional<Recorded> recorded = read_line(line.text))
      compare(*recorded, *compiled, tree, comparison);
    return true;
  });
  if (!read) return console.fail(read.error());
  print(comparison, arguments, console.out);
  return kExitOk;
}

}  // namespace stayd
