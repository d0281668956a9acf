// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "context/cgroup_user.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/pack_path.h"
#include "ctl/workload_name.h"
#include "policy/explanation.h"
#include "policy/parser.h"
#include "policy/rule_reference.h"
#include "policy/values.h"
#include "policy/workload_user.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr const char* kPolicyDirectory = "/etc/stayd/policies";

constexpr std::size_t kMaxText = 600;

struct Options {
  std::string file;  // empty: --as says which policy
  std::string operation;
  std::string as;        // a workload
  std::string policies;  // a directory; empty: what stayd goes by
  std::string user;      // of the workload; empty: whom policy or cgroup name
  std::vector<std::string> touched;
  std::string packs;
};

// The policy that is explained, and how it was chosen.
struct Subject {
  Policy policy;
  std::string reason;  // empty: the file was named
};

// Returns the file that stayd says it enforces, assignments by hand included; nothing where stayd
// does not run.
std::optional<std::string> file_in_force(const Console& console, const std::string& cgroup) {
  const Result<json> status = Client(console.socket_path).request("GET", "/v1/status");
  if (!status || !status->is_object()) return std::nullopt;
  for (const json& workload : status->value("workloads", json::array())) {
    if (!workload.is_object()) continue;
    const std::string root = workload.value("cgroup", "");
    if (cgroup == root || cgroup.starts_with(root + "/")) return workload.value("policy_file", "");
  }
  return std::nullopt;
}

Result<Subject> read_subject(const Options& options, const Console& console,
                             const std::string& cgroup) {
  const PackSource packs = packs_of(options.packs);
  if (options.as.empty()) {
    Result<Policy> policy = load_policy(options.file, packs);
    if (!policy) return policy.error();
    return Subject{std::move(*policy), ""};
  }
  if (options.policies.empty()) {
    if (const auto file = file_in_force(console, cgroup)) {
      Result<Policy> policy = load_policy(*file, packs);
      if (!policy) return policy.error();
      return Subject{std::move(*policy), "in force for " + cgroup};
    }
  }
  const std::string directory = options.policies.empty() ? kPolicyDirectory : options.policies;
  Result<AppliedPolicy> applied = applied_policy(cgroup, directory, packs);
  if (!applied) return applied.error();
  for (const Error& error : applied->broken)
    console.note("left out: " + escape(error.message, kMaxText));
  for (const std::string& other : applied->others)
    console.note(escape(other) + " also applies to it; the first one counts");
  return Subject{std::move(applied->policy),
                 "'" + applied->reason + "' applies to " + applied->cgroup};
}

Result<Subject> subject_of(const Options& options, const Console& console) {
  std::string cgroup;
  if (!options.as.empty()) {
    Result<std::string> named = cgroup_named(options.as);
    if (!named) return named.error();
    cgroup = std::move(*named);
    // Whatever unit in it: a policy for a slice is one for each of them.
    if (options.as.starts_with("slice:")) cgroup += "/any.scope";
  }
  Result<Subject> subject = read_subject(options, console, cgroup);
  if (!subject) return subject;
  if (!options.user.empty()) subject->policy.user = options.user;
  Result<Policy> settled = for_cgroup_user(
      subject->policy, cgroup.empty() ? std::nullopt : uid_of_cgroup(kCgroupRoot, cgroup));
  if (!settled) return settled.error();
  subject->policy = std::move(*settled);
  return subject;
}

// "waits until 2 people of data-stewards, legal approve, at most 30m"
std::string who_is_asked(const Approval& approval) {
  std::string text =
      approval.quorum == 1 ? "one person" : std::to_string(approval.quorum) + " people";
  for (const std::string& group : approval.approvers)
    text += (&group == &approval.approvers.front() ? " of " : ", ") + group;
  if (approval.approvers.empty()) text += " who may answer";
  return "waits until " + text + (approval.quorum == 1 ? " approves" : " approve") + ", at most " +
         to_text(approval.timeout);
}

std::string consequence(const Policy& policy, const Attempt& attempt, const Explanation& said) {
  if (policy.observe) return "mode: observe, so it goes on and is recorded";
  switch (said.rule_verdict.verdict) {
    case Verdict::allow:
      return "goes on";
    case Verdict::audit:
      return "goes on, and is recorded";
    case Verdict::deny:
      return "fails with EPERM";
    case Verdict::hold:
      break;
  }
  const std::string asked = who_is_asked(approval_of(policy, said.rule, said.rule_class));
  if (attempt.kind != Attempt::Kind::unix_socket) return asked;
  return "is refused, since a unix socket cannot wait; once approved, the next try goes on";
}

json to_json(const Subject& subject, const Attempt& attempt, const Explanation& explanation) {
  json matches = json::array();
  for (const Match& match : explanation.matches)
    matches.push_back({{"rule", escape(match.rule.text)},
                       {"verdict", to_string(match.rule.verdict)},
                       {"file", escape(match.file)},
                       {"line", match.rule.at.line},
                       {"column", match.rule.at.column},
                       {"why", escape(match.why)},
                       {"wins", match.wins},
                       {"standing", match.standing}});
  return {{"policy", escape(subject.policy.name)},
          {"file", escape(subject.policy.file)},
          {"applies", escape(subject.reason)},
          {"verdict", to_string(explanation.rule_verdict.verdict)},
          {"rule", escape(explanation.rule)},
          {"class", to_string(explanation.rule_class)},
          {"consequence", escape(consequence(subject.policy, attempt, explanation))},
          {"otherwise", to_string(explanation.otherwise)},
          {"observed", subject.policy.observe},
          {"matches", std::move(matches)}};
}

void print(std::ostream& out, const Subject& subject, const Attempt& attempt,
           const Explanation& explanation) {
  const auto shown = [](const std::string& text) { return escape(text, kMaxText); };
  // Of what a label stands for, only the place that matters is said.
  const auto rule = [&](const std::string& text) { return shown(without_entries(text)); };
  out << to_string(explanation.rule_verdict.verdict) << ", by " << rule(explanation.rule);
  if (explanation.rule_class != RuleClass::none) out << ", " << to_string(explanation.rule_class);
  out << "\n  " << consequence(subject.policy, attempt, explanation) << "\n\n"
      << shown(subject.policy.file);
  if (!subject.reason.empty()) out << ", " << shown(subject.reason);
  out << '\n';
  for (const Match& match : explanation.matches)
    out << (match.wins ? "> " : "  ")
        << (match.rule.source == 0 ? "line " : shown(match.file) + ":") << match.rule.at.line
        << ": " << rule(match.rule.text) << '\n'
        << "    " << shown(match.why) << "; " << (match.wins ? "wins: " : "") << match.standing
        << '\n';
  if (explanation.matches.empty()) out << "  no rule says anything about it\n";
  out << (explanation.rule_verdict.rule == 0 ? "> " : "  ")
      << "default: " << to_string(explanation.otherwise) << '\n';
}

int run(const Options& options, const Console& console) {
  if (options.as.empty() == options.file.empty())
    return console.fail(Error{"give either the policy's FILE or --as WORKLOAD "
                              "(usage: stayctl policy explain FILE OPERATION)"},
                        kExitUsage);
  const std::string& operation = options.operation;
  PathTree tree(true);
  Result<Attempt> attempt = parse_attempt(operation, tree);
  if (!attempt) return console.fail(attempt.error(), kExitUsage);
  Result<Subject> subject = subject_of(options, console);
  if (!subject) return console.fail(subject.error());
  Result<Explanation> explanation = explain(subject->policy, *attempt, tree, options.touched);
  if (!explanation) return console.fail(explanation.error());
  if (console.json) {
    console.out << dump(to_json(*subject, *attempt, *explanation)) << '\n';
    return kExitOk;
  }
  const std::string& path = attempt->file.path;
  const bool unnamed = attempt->program.origins >> STAYD_ORIGIN_MEMFD & 1;
  if (!path.empty() && !unnamed && operation.find(path) == operation.npos)
    console.out << "on this host, that is " << escape(path, kMaxText) << "\n";
  print(console.out, *subject, *attempt, *explanation);
  return kExitOk;
}

}  // namespace

Command policy_explain_command() {
  const auto options = std::make_shared<Options>();
  return {
      .name = "policy explain",
      .summary = "explain what a policy decides about an operation, rule by rule",
      .operands = {optional_operand("FILE", options->file),
                   operand("OPERATION", options->operation)},
      .options = {text_option("--as", "WORKLOAD", "the workload, instead of a policy's FILE",
                              options->as),
                  text_option("--policies", "DIR",
                              "where its policy is [the one in force, else /etc/stayd/policies]",
                              options->policies),
                  text_option("--user", "NAME",
                              "whose home '~' is [the policy's user, or the cgroup's]",
                              options->user),
                  list_option("--touched", "LABEL,LABEL", "labels that it has read before",
                              options->touched),
                  packs_option(options->packs)},
      .run = with(options, run)};
}

}  // namespace stayd
