// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/decision.h"

namespace stayd {
namespace {

// Of several accesses to one file the stricter; the first between equals.
class FileJudge {
 public:
  FileJudge(const CompiledPolicy& policy, const FileFacts& file, std::uint64_t touched)
      : policy_(policy),
        node_(with_globs(policy, walk(policy, file), file.path)),
        touched_(touched) {}

  Judgement judge(Access access) const {
    return with_flows(policy_, judge_node(policy_, node_, access), access, touched_);
  }
  // Without flows: what the place itself says.
  Judgement at_rest(Access access) const { return judge_node(policy_, node_, access); }
  const stayd_node& node() const { return node_; }

 private:
  const CompiledPolicy& policy_;
  stayd_node node_;
  std::uint64_t touched_;
};

Judgement stricter_of(const Judgement& a, const Judgement& b) {
  return b.verdict > a.verdict ? b : a;
}

Judgement decide_open(const FileJudge& file, const Attempt& attempt) {
  if (!attempt.write) return file.judge(Access::read);
  if (!attempt.read) return file.judge(Access::write);
  return stricter_of(file.judge(Access::read), file.judge(Access::write));
}

// A rename is also a creation there, a deletion of what had the name, and must not take a
// file to where less is said of it.
Judgement decide_rename(const FileJudge& file, const FileJudge& target, bool replaces) {
  Judgement judgement = target.judge(Access::create);
  if (replaces) judgement = stricter_of(judgement, target.judge(Access::remove));
  judgement = stricter_of(judgement, file.judge(Access::rename));
  for (Access access : {Access::read, Access::write}) {
    const Judgement here = file.at_rest(access);
    if (here.verdict > Verdict::audit && target.at_rest(access).verdict < here.verdict)
      judgement = stricter_of(judgement, here);
  }
  return judgement;
}

Judgement decide_socket(const CompiledPolicy& policy, const Attempt& attempt) {
  if (attempt.abstract_name.empty())
    return FileJudge(policy, attempt.file, attempt.touched).judge(Access::unix_socket);
  stayd_node node{};
  for (const KernelName& each : policy.names)
    if (each.kind == STAYD_NAME_ABSTRACT && each.name == attempt.abstract_name) node = each.node;
  return judge_node(policy, node, Access::unix_socket);
}

}  // namespace

Judgement decide(const CompiledPolicy& policy, const Attempt& attempt) {
  using Kind = Attempt::Kind;
  if (attempt.kind == Kind::network)
    return with_flows(policy, judge_destination(policy, attempt.destination), Access::network,
                      attempt.touched);
  if (attempt.kind == Kind::unix_socket) return decide_socket(policy, attempt);
  const FileJudge file(policy, attempt.file, attempt.touched);
  switch (attempt.kind) {
    case Kind::create:
      return file.judge(Access::create);
    case Kind::remove:
      return file.judge(Access::remove);
    case Kind::rename:
      return decide_rename(file, FileJudge(policy, attempt.target, attempt.touched),
                           attempt.replaces);
    case Kind::exec: {
      ProgramFacts program = attempt.program;
      program.path = attempt.file.path;
      return with_flows(policy, judge_program(policy, file.node(), program), Access::exec,
                        attempt.touched);
    }
    default:
      return decide_open(file, attempt);
  }
}

std::string rule_text(const CompiledPolicy& policy, Attempt::Kind kind,
                      const Judgement& judgement) {
  if (judgement.rule != 0) return policy.rules[judgement.rule];
  switch (kind) {
    case Attempt::Kind::network:
      return "network.default";
    case Attempt::Kind::unix_socket:
      return "default: unix sockets that no rule names are allowed";
    case Attempt::Kind::exec:
      return "exec.default";
    default:
      return "files.default";
  }
}

}  // namespace stayd
