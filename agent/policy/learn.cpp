// SPDX-License-Identifier: Apache-2.0
#include "policy/learn.h"

#include <fcntl.h>

namespace stayd {
namespace {

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
  any.rule = {1, Verdict::audit, {}, "any name"};
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

// What a run makes, the next one finds: it may then be read, written and replaced.
void Learner::observe_path(const Operation& operation) {
  const std::string& path = operation.path;
  switch (operation.kind) {
    case OperationKind::open:
      if (operation.read) add_path(Access::read, path);
      if (operation.write) add_path(Access::write, path);
      if (operation.open_flags & O_CREAT) add_path(Access::create, path);
      if (operation.open_flags & O_DIRECTORY) add(seen_.listed, lasting(path));
      break;
    case OperationKind::create:
      add(seen_.made, path);
      for (Access access : {Access::create, Access::write, Access::read}) add_path(access, path);
      break;
    case OperationKind::remove:
      add_path(Access::remove, path);
      break;
    case OperationKind::rename:
      add_path(Access::rename, path);
      add(seen_.made, operation.new_path);
      for (Access access : {Access::create, Access::remove}) add_path(access, operation.new_path);
      add(seen_.moves, std::pair(path, operation.new_path));
      break;
    case OperationKind::exec:
      add_path(Access::exec, path);
      break;
    case OperationKind::unix_socket:
      add(seen_.sockets, path);
      break;
    case OperationKind::connect:
    case OperationKind::send:
      break;
  }
}

void Learner::observe(const Operation& operation, const std::vector<std::string>& hosts) {
  ++seen_.operations;
  if (has_path(operation.kind)) {
    const bool moved = operation.kind == OperationKind::rename;
    const bool named = operation.path.starts_with('/') && !operation.off_host &&
                       (!moved || operation.new_path.starts_with('/'));
    if (named || operation.kind == OperationKind::unix_socket)
      observe_path(operation);
    else
      add(seen_.placeless, std::string(to_string(operation.kind)) + " " + operation.path);
    return;
  }
  const Endpoint& to = operation.endpoint;
  std::vector<Reached> names;
  for (const std::string& host : hosts) names.push_back({host, to.address, to.port, to.protocol});
  if (names.empty()) names.push_back({"", to.address, to.port, to.protocol});
  add(seen_.destinations, names);
}

}  // namespace stayd
