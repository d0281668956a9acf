// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/decision.h"

namespace stayd {
namespace {

// One file, as a node describes it.
class FileJudge {
 public:
  FileJudge(const CompiledPolicy& policy, const stayd_node& node, std::uint64_t touched)
      : policy_(policy), node_(node), touched_(touched) {}

  RuleVerdict judge(Access access) const {
    return with_flows(policy_, judge_node(policy_, node_, access), access, touched_);
  }
  // Without flows: what the place itself says.
  RuleVerdict at_rest(Access access) const { return judge_node(policy_, node_, access); }

 private:
  const CompiledPolicy& policy_;
  const stayd_node& node_;
  std::uint64_t touched_;
};

// The first between equals.
RuleVerdict stricter_of(const RuleVerdict& a, const RuleVerdict& b) {
  return b.verdict > a.verdict ? b : a;
}

RuleVerdict decide_open(const FileJudge& file, const Attempt& attempt) {
  if (!attempt.write) return file.judge(Access::read);
  if (!attempt.read) return file.judge(Access::write);
  return stricter_of(file.judge(Access::read), file.judge(Access::write));
}

// A rename is also a creation there, a deletion of what had the name, and must not take a
// file to where less is said of it.
RuleVerdict decide_rename(const FileJudge& file, const FileJudge& target, bool replaces) {
  RuleVerdict rule_verdict = target.judge(Access::create);
  if (replaces) rule_verdict = stricter_of(rule_verdict, target.judge(Access::remove));
  rule_verdict = stricter_of(rule_verdict, file.judge(Access::rename));
  for (Access access : {Access::read, Access::write}) {
    const RuleVerdict here = file.at_rest(access);
    if (here.verdict > Verdict::audit && target.at_rest(access).verdict < here.verdict)
      rule_verdict = stricter_of(rule_verdict, here);
  }
  return rule_verdict;
}

// A second name is a creation there, and must not take the file to a place with laxer rules: that
// is denied without a question.
RuleVerdict decide_link(const FileJudge& file, const FileJudge& target) {
  RuleVerdict rule_verdict = target.judge(Access::create);
  for (Access access : {Access::read, Access::write}) {
    const RuleVerdict here = file.at_rest(access);
    if (here.verdict > Verdict::audit && target.at_rest(access).verdict < here.verdict)
      rule_verdict = stricter_of(rule_verdict, {Verdict::deny, here.rule});
  }
  return rule_verdict;
}

RuleVerdict decide_by_nodes(const CompiledPolicy& policy, const Attempt& attempt,
                            const stayd_node& node, const stayd_node& target) {
  const FileJudge file(policy, node, attempt.touched);
  switch (attempt.kind) {
    case Attempt::Kind::create:
      return file.judge(Access::create);
    case Attempt::Kind::remove:
      return file.judge(Access::remove);
    case Attempt::Kind::rename:
      return decide_rename(file, FileJudge(policy, target, attempt.touched), attempt.replaces);
    case Attempt::Kind::link:
      return decide_link(file, FileJudge(policy, target, attempt.touched));
    default:
      return decide_open(file, attempt);
  }
}

RuleVerdict decide_socket(const CompiledPolicy& policy, const Attempt& attempt) {
  stayd_node node{};
  if (attempt.abstract_name.empty()) node = walk(policy, attempt.file);
  for (const KernelName& each : policy.names)
    if (each.kind == STAYD_NAME_ABSTRACT && each.name == attempt.abstract_name) node = each.node;
  return judge_node(policy, node, Access::unix_socket);
}

}  // namespace

RuleVerdict decide_file(const CompiledPolicy& policy, const Attempt& attempt,
                        const stayd_node& file, const stayd_node& target) {
  // The kernel side's own verdict stands, and comes first between equals: a refusal of its own is
  // not asked about.
  return stricter_of(decide_by_nodes(policy, attempt, file, target),
                     decide_by_nodes(policy, attempt, with_globs(policy, file, attempt.file.path),
                                     with_globs(policy, target, attempt.target.path)));
}

RuleVerdict decide(const CompiledPolicy& policy, const Attempt& attempt) {
  switch (attempt.kind) {
    case Attempt::Kind::network:
      return judge_destination(policy, attempt.destination, attempt.touched);
    case Attempt::Kind::unix_socket:
      return decide_socket(policy, attempt);
    case Attempt::Kind::exec: {
      ProgramFacts program = attempt.program;
      program.path = attempt.file.path;
      return judge_program(policy, walk(policy, attempt.file), program, attempt.touched);
    }
    default:
      return decide_file(policy, attempt, walk(policy, attempt.file), walk(policy, attempt.target));
  }
}

Attempt::Kind attempt_kind(OperationKind kind) {
  switch (kind) {
    case OperationKind::create:
      return Attempt::Kind::create;
    case OperationKind::remove:
      return Attempt::Kind::remove;
    case OperationKind::rename:
      return Attempt::Kind::rename;
    case OperationKind::exec:
      return Attempt::Kind::exec;
    case OperationKind::unix_socket:
      return Attempt::Kind::unix_socket;
    case OperationKind::connect:
    case OperationKind::send:
      return Attempt::Kind::network;
    case OperationKind::open:
      break;
  }
  return Attempt::Kind::open;
}

const char* default_rule_text(Attempt::Kind kind) {
  switch (kind) {
    case Attempt::Kind::network:
      return "network.default";
    case Attempt::Kind::unix_socket:
      return "network.unix";
    case Attempt::Kind::exec:
      return "exec.default";
    default:
      return "files.default";
  }
}

std::string rule_text(const CompiledPolicy& policy, Attempt::Kind kind,
                      const RuleVerdict& rule_verdict) {
  return rule_verdict.rule != 0 ? policy.rules[rule_verdict.rule].text : default_rule_text(kind);
}

}  // namespace stayd
