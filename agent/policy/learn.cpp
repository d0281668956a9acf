// SPDX-License-Identifier: Apache-2.0
#include "policy/learn.h"

#include <fcntl.h>

#include <algorithm>

#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::uint16_t kDnsPort = 53;

// "/proc/1234/maps" and "/dev/pts/3" are others the next time: what holds them all is named.
std::string lasting(const std::string& path) {
  for (const char* directory : {"/proc", "/dev/pts"}) {
    const std::string prefix = std::string(directory) + "/";
    if (path.starts_with(prefix) && path.size() > prefix.size() && path[prefix.size()] >= '0' &&
        path[prefix.size()] <= '9')
      return directory;
  }
  return path;
}

Attempt attempt_at(Attempt::Kind kind, const std::string& path) {
  Attempt attempt;
  attempt.kind = kind;
  attempt.file.path = path;
  return attempt;
}

Attempt open_of(const std::string& path, bool read) {
  Attempt attempt = attempt_at(Attempt::Kind::open, path);
  attempt.read = read;
  attempt.write = !read;
  return attempt;
}

std::uint64_t sum_of(const Contacts& contacts, const Learner::SentTo& sent) {
  std::uint64_t bytes = 0;
  if (sent)
    for (const Endpoint& each : contacts.endpoints) bytes += sent(each);
  return bytes;
}

bool is_same(const Endpoint& a, const Endpoint& b) {
  return a.address == b.address && a.port == b.port && a.protocol == b.protocol;
}

}  // namespace

Policy learning_policy(std::vector<Address> resolvers) {
  Policy policy;
  policy.name = "learning";
  policy.file = "learning";
  policy.observe = policy.report_once = true;
  policy.network_default = policy.files_default = policy.exec_default = Verdict::audit;
  policy.unix_default = Verdict::audit;
  policy.resolvers = std::move(resolvers);
  policy.confirm_dns = false;
  HostRule any;
  any.below = true;
  any.rule = Rule{.id = 1, .verdict = Verdict::audit, .at = {}, .text = "any name"};
  if (!policy.resolvers.empty()) policy.hosts.push_back(std::move(any));
  return policy;
}

template <class Set, class Thing>
void Learner::add(Set& set, const Thing& thing) {
  if (set.contains(thing)) return;
  if (distinct_ == kMax) {
    ++seen_.left_out;
    return;
  }
  ++distinct_;
  set.insert(thing);
}

void Learner::add_path(Access access, const std::string& path) {
  add(seen_.paths[access], lasting(path));
}

void Learner::ask(const char* what, const Rule& rule, Question::Example example) {
  QuestionKey key{what, rule.id};
  const Attempt& attempt = example.attempt;
  for (const std::string* path : {&attempt.file.path, &attempt.target.path})
    if (!path->empty())
      for (const Position& each : entries_naming(base_->particular().policy, rule, *path))
        key.entries.emplace_back(each.line, each.column);
  if (key.entries.empty()) key.entries.emplace_back(rule.at.line, rule.at.column);
  std::ranges::sort(key.entries);
  const bool is_new = !seen_.questions.contains(key);
  if (is_new && seen_.questions.size() == kMaxQuestions) {
    ++seen_.left_out;
    return;
  }
  Question& question = seen_.questions[key];
  ++question.times;
  if (question.examples.size() < Question::kMaxExamples)
    question.examples.insert(std::move(example));
}

// From then on what is reached may get it.
void Learner::note_read(const std::string& path, const RuleVerdict& said) {
  if (!sensitive_.empty()) return;
  const DraftJudge& judge = base_->particular();
  labels_read_ |= judge.labels_of(path);
  const Rule* rule = judge.find_rule(said.rule);
  const bool is_secret =
      rule && (said.verdict >= Verdict::hold || rule->rule_class == RuleClass::secret);
  const RuleVerdict flow =
      with_flows(judge.compiled, {Verdict::allow, 0}, Access::network, labels_read_);
  if (is_secret || flow.verdict >= Verdict::hold) sensitive_ = path;
}

Learner::Finding Learner::judge(const char* what, const Attempt& attempt, bool off_host,
                                std::string shown) {
  const RuleVerdict said = base_->particular().judge(attempt, off_host);
  if (attempt.kind == Attempt::Kind::open && attempt.read && !off_host)
    note_read(attempt.file.path, said);
  if (said.verdict > Verdict::audit) {
    if (const Rule* rule = base_->particular().find_rule(said.rule))
      ask(what, *rule, {attempt, off_host, std::move(shown)});
    return Finding::question;
  }
  const bool held = base_->judge().judge(attempt, off_host).verdict > Verdict::audit;
  return held ? Finding::held : Finding::covered;
}

Learner::Finding Learner::observe_open(const Operation& operation, bool named) {
  const std::string& path = operation.path;
  Finding finding = Finding::covered;
  for (const bool read : {true, false}) {
    if (read ? !operation.read : !operation.write) continue;
    const Finding each = judge(read ? "read" : "write", open_of(path, read), !named, path);
    finding = std::max(finding, each);
    if (each != Finding::held || !named) continue;
    add_path(read ? Access::read : Access::write, path);
    if (operation.open_flags & O_DIRECTORY) add(seen_.listed, lasting(path));
  }
  // What is overwritten each time may be missing the next time.
  if (named && operation.open_flags & O_CREAT && finding == Finding::held)
    add_path(Access::create, path);
  return finding;
}

// What a run makes, the next one finds: it may then be read, written and replaced.
Learner::Finding Learner::observe_path(const Operation& operation, bool named) {
  const std::string& path = operation.path;
  Finding finding = Finding::covered;
  switch (operation.kind) {
    case OperationKind::open:
      return observe_open(operation, named);
    case OperationKind::create: {
      Attempt attempt = attempt_at(Attempt::Kind::create, path);
      if (is_link(operation)) {
        attempt = attempt_at(Attempt::Kind::link, operation.new_path);
        attempt.target.path = path;
      }
      finding = judge("create", attempt, !named, path);
      if (finding != Finding::held || !named) return finding;
      add(seen_.made, path);
      for (Access access : {Access::create, Access::write, Access::read}) add_path(access, path);
      return finding;
    }
    case OperationKind::remove:
      finding = judge("delete", attempt_at(Attempt::Kind::remove, path), !named, path);
      if (finding == Finding::held && named) add_path(Access::remove, path);
      return finding;
    case OperationKind::rename: {
      Attempt attempt = attempt_at(Attempt::Kind::rename, path);
      attempt.target.path = operation.new_path;
      attempt.replaces = true;
      finding = judge("rename", attempt, !named, path + " -> " + operation.new_path);
      if (finding != Finding::held || !named) return finding;
      add_path(Access::rename, path);
      add(seen_.made, operation.new_path);
      for (Access access : {Access::create, Access::remove}) add_path(access, operation.new_path);
      add(seen_.moves, std::pair(path, operation.new_path));
      return finding;
    }
    case OperationKind::exec: {
      Attempt attempt = attempt_at(Attempt::Kind::exec, path);
      attempt.program.origins = operation.open_flags;
      attempt.program.arguments = operation.arguments;
      attempt.program.arguments_cut = operation.arguments_incomplete;
      finding = judge("exec", attempt, !named, path);
      if (finding == Finding::held && named) add_path(Access::exec, path);
      return finding;
    }
    case OperationKind::unix_socket: {
      Attempt attempt = attempt_at(Attempt::Kind::unix_socket, path.starts_with('/') ? path : "");
      if (path.starts_with('@')) attempt.abstract_name = path.substr(1);
      return judge("unix", attempt, false, path);
    }
    case OperationKind::connect:
    case OperationKind::send:
      break;
  }
  return finding;
}

void Learner::note_contact(const Operation& operation, const std::vector<Reached>& names,
                           bool is_left_out, const SentTo& sent) {
  for (const Reached& name : names) {
    const bool is_new = !seen_.destinations.contains(name);
    if (is_new && distinct_ == kMax) {
      ++seen_.left_out;
      continue;
    }
    distinct_ += is_new;
    Contacts& contacts = seen_.destinations[name];
    if (is_new) {
      contacts.first = seen_.operations;
      contacts.after = sensitive_;
    }
    const bool is_one = !is_new && operation.time - contacts.last < Contacts::kOne;
    contacts.last = operation.time;
    contacts.is_left_out = is_left_out;
    if (contacts.times == 1 && !is_one) contacts.bytes = sum_of(contacts, sent);
    if (!is_one) ++contacts.times;
    if (!is_one && sensitive_.empty() && (is_new || names.size() == 1)) ++contacts.certain;
    const auto same = [&](const Endpoint& each) { return is_same(each, operation.endpoint); };
    if (contacts.endpoints.size() < Contacts::kMaxEndpoints &&
        std::ranges::none_of(contacts.endpoints, same))
      contacts.endpoints.push_back(operation.endpoint);
  }
}

// True if flows hold connections, and none of them this one.
bool Learner::is_left_out(Attempt to) const {
  const DraftJudge& judge = base_->particular();
  const stayd_policy& settings = judge.compiled.settings;
  for (std::uint32_t i = 0; i < settings.flow_count; ++i)
    if (settings.flows[i].verdicts[STAYD_ACCESS_NETWORK] >= STAYD_VERDICT_HOLD)
      to.touched |= settings.flows[i].labels;
  return to.touched != 0 && judge.judge(to).verdict <= Verdict::audit;
}

Learner::Finding Learner::observe_network(const Operation& operation,
                                          const std::vector<std::string>& hosts,
                                          const SentTo& sent) {
  const Endpoint& to = operation.endpoint;
  Attempt attempt;
  attempt.kind = Attempt::Kind::network;
  attempt.destination = {to.address, to.port, to.protocol, hosts};
  const Finding finding = judge("connect", attempt, false, to_string(to));
  const auto& resolvers = base_->resolvers();
  if (to.port == kDnsPort && std::ranges::find(resolvers, to.address) != resolvers.end())
    seen_.asked_resolver = true;
  if (finding != Finding::held) return finding;
  std::vector<Reached> names;
  for (const std::string& host : hosts)
    if (is_host_name(host)) names.push_back({host, {}, to.port, to.protocol});
  if (names.empty()) names.push_back({"", to.address, to.port, to.protocol});
  note_contact(operation, names, is_left_out(std::move(attempt)), sent);
  return finding;
}

void Learner::observe(const Operation& operation, const std::vector<std::string>& hosts,
                      const SentTo& sent) {
  ++seen_.operations;
  Finding finding = Finding::covered;
  if (has_path(operation.kind)) {
    const bool has_two = operation.kind == OperationKind::rename || is_link(operation);
    const bool named = operation.path.starts_with('/') && !operation.off_host &&
                       (!has_two || operation.new_path.starts_with('/'));
    finding = observe_path(operation, named);
    if (finding == Finding::held && !named)
      add(seen_.placeless, std::string(to_string(operation.kind)) + " " + operation.path);
  } else {
    finding = observe_network(operation, hosts, sent);
  }
  seen_.covered += finding == Finding::covered;
}

void Learner::finish(const SentTo& sent) {
  for (auto& [name, contacts] : seen_.destinations)
    if (contacts.times == 1) contacts.bytes = sum_of(contacts, sent);
}

}  // namespace stayd
