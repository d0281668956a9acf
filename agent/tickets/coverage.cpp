// SPDX-License-Identifier: Apache-2.0
#include "tickets/coverage.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "tickets/object_key.h"

namespace stayd {
namespace {

bool is_network(OperationKind kind) { return !has_path(kind); }

std::string parent(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

// The directory of the host that holds the file, or the one that is opened; empty: there is none to
// name.
std::string directory_of(const Operation& operation) {
  if (operation.off_host || !operation.path.starts_with('/') || operation.path == "/") return {};
  switch (operation.kind) {
    case OperationKind::open:
      if ((operation.open_flags & O_DIRECTORY) != 0) return operation.path;
      return parent(operation.path);
    case OperationKind::create:
      return is_link(operation) ? std::string() : parent(operation.path);
    case OperationKind::remove:
      return parent(operation.path);
    case OperationKind::rename:
      if (parent(operation.path) != parent(operation.new_path)) return {};
      return parent(operation.path);
    default:
      return {};
  }
}

// The time by which the clock of files may be behind: a tick of the kernel, at most 10 ms, or a
// second where the file system keeps whole seconds.
std::chrono::milliseconds lag_of(TimePoint changed) {
  using std::chrono::milliseconds, std::chrono::seconds;
  return changed.time_since_epoch() % seconds(1) == milliseconds(0) ? seconds(1) : milliseconds(20);
}

// True if the file or directory has not been moved since the grant, because nothing of it was
// changed since, or if it was made since: then its time is after the grant, because the clock of
// files is never ahead. Anything made before may have come from elsewhere.
bool stayed_in_place(const FileStep& step, TimePoint granted) {
  return step.changed < granted - lag_of(step.changed) || (step.made && *step.made > granted);
}

// The steps below the granted directory; nothing: they do not lead through it.
std::optional<std::span<const FileStep>> below(const Grant& grant,
                                               const std::vector<FileStep>& steps) {
  const auto directory = std::ranges::find(steps, grant.directory, &FileStep::inode);
  if (grant.directory == 0 || directory == steps.end()) return std::nullopt;
  return std::span<const FileStep>(directory + 1, steps.end());
}

bool is_in_granted(const Grant& grant, const Operation& operation,
                   const std::vector<FileStep>& steps, const InPlace& in_place) {
  const auto inside = below(grant, steps);
  if (!inside || steps.back().inode != operation.object.inode) return false;
  return std::ranges::all_of(*inside, [&](const FileStep& step) {
    return in_place.contains(step.inode) || stayed_in_place(step, grant.granted);
  });
}

bool is_in(std::string_view path, std::string_view directory) {
  if (!path.starts_with(directory)) return false;
  path.remove_prefix(directory.size());
  return path.empty() || path.front() == '/';
}

// A rule has a name that says where in the policy it stands; a default has none to speak of.
bool is_default(std::string_view rule) {
  return rule.empty() || rule.ends_with(".default") || rule.starts_with("default");
}

bool is_subset(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::ranges::all_of(
      some, [&](const std::string& each) { return std::ranges::find(all, each) != all.end(); });
}

// An address is of the host that people were shown if it has every name that they were shown: one
// of them may be a name that a stranger has given to the host's address and to others.
bool is_host(const std::vector<std::string>& shown, const Surroundings& around) {
  return !shown.empty() && is_subset(shown, around.names);
}

// Flows make writing, running and the network stricter, and never reading.
bool only_reads(const stayd_object& object) {
  return object.operation == STAYD_OP_OPEN && object.access == 1u << STAYD_ACCESS_READ;
}

bool is_same_port(const stayd_object& a, const stayd_object& b) {
  return a.port == b.port && a.protocol == b.protocol;
}

// "reading any file in", "deleting anything in"
std::string doing(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::create:
      return "creating anything in";
    case OperationKind::remove:
      return "deleting anything in";
    case OperationKind::rename:
      return "renaming anything within";
    default:
      break;
  }
  if (operation.read && operation.write) return "reading and writing any file in";
  return operation.write ? "writing to any file in" : "reading any file in";
}

// "every open for reading", "every connect"
std::string every(const Operation& operation) {
  std::string text = std::string("every ") + to_string(operation.kind);
  if (operation.kind != OperationKind::open) return text;
  return text + (operation.write ? " for writing" : " for reading");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& each : names) text += (text.empty() ? "" : " and ") + each;
  return text;
}

// ":443/tcp"
std::string port_text(const Endpoint& endpoint) {
  const std::string text = to_string(endpoint);
  return text.substr(text.rfind(':'));
}

}  // namespace

std::vector<Scope> offered_scopes(const Ticket& ticket, const std::vector<Scope>& allowed) {
  const Operation& operation = ticket.operation;
  std::vector<Scope> scopes;
  if (ticket.flood) return scopes;
  const bool one_access = std::has_single_bit(operation.object.access);
  for (const Scope scope : allowed) {
    if (scope == Scope::directory && (ticket.directory == 0 || directory_of(operation).empty()))
      continue;
    if (scope == Scope::host && ticket.names.empty()) continue;
    // An operation that does several things at once is held by the first of several rules.
    if (scope == Scope::rule && (is_default(ticket.rule) || !one_access ||
                                 operation.kind == OperationKind::rename || is_link(operation)))
      continue;
    scopes.push_back(scope);
  }
  return scopes;
}

std::string lets_through(const Ticket& ticket, Scope scope) {
  const Operation& operation = ticket.operation;
  switch (scope) {
    case Scope::once:
      return "this operation, once";
    case Scope::process:
      return "the same again, by this process";
    case Scope::workload:
      return "the same again, by the whole workload";
    case Scope::directory:
      return doing(operation) + " " + directory_of(operation) +
             " and below it, as far as this rule holds it";
    case Scope::host:
      return std::string(to_string(operation.kind)) + " to " + joined(ticket.names) +
             port_text(operation.endpoint) + ", at whatever address" +
             (ticket.names.size() > 1 ? " has all of these names" : "");
    case Scope::rule:
      return every(operation) + " that this rule holds: " + ticket.rule;
  }
  return {};
}

std::string placed_at(const Operation& operation) {
  const std::string directory = directory_of(operation);
  return directory.empty() || operation.kind == OperationKind::create ? directory : operation.path;
}

std::uint64_t directory_inode(const Operation& operation, const std::vector<FileStep>& steps) {
  if (steps.empty() || steps.back().inode != operation.object.inode) return 0;
  const bool is_itself = placed_at(operation) == directory_of(operation);
  if (is_itself) return steps.back().inode;
  return steps.size() < 2 ? 0 : steps[steps.size() - 2].inode;
}

InPlace let_through_in(const Grant& grant, const Surroundings& around) {
  InPlace inodes;
  if (const auto inside = below(grant, around.steps))
    for (const FileStep& step : *inside) inodes.insert(step.inode);
  return inodes;
}

bool covers(const Grant& grant, const Operation& operation, const Surroundings& around,
            const InPlace& in_place) {
  const stayd_object& object = operation.object;
  if (grant.workload != operation.workload || grant.rule != around.rule ||
      grant.object.operation != object.operation || (object.access & ~grant.object.access) != 0 ||
      is_link(operation))
    return false;
  const ProcessInstance process{operation.caller.pid, operation.caller.start_ns};
  if (grant.process != ProcessInstance{} && grant.process != process) return false;
  if (!only_reads(object) && !is_subset(around.touched, grant.touched)) return false;
  switch (grant.scope) {
    case Scope::directory:
      return grant.object.device == object.device && !directory_of(operation).empty() &&
             is_in(operation.path, grant.places.front()) &&
             is_in_granted(grant, operation, around.steps, in_place);
    case Scope::host:
    case Scope::once: {
      if (!is_network(operation.kind) || !is_same_port(grant.object, object) ||
          !is_host(grant.places, around))
        return false;
      // The other addresses of a host go with one attempt of a process.
      const bool follows = grant.scope == Scope::once && grant.process != ProcessInstance{};
      return !follows || key_of(grant.workload, grant.object) != key_of(operation);
    }
    case Scope::rule:
      return std::has_single_bit(object.access) && operation.kind != OperationKind::rename;
    default:
      return false;
  }
}

bool is_of_the_same_host(const Ticket& ticket, const Operation& operation,
                         const Surroundings& around) {
  const Operation& asked = ticket.operation;
  return !ticket.flood && is_network(operation.kind) && asked.kind == operation.kind &&
         asked.workload == operation.workload && ticket.rule == around.rule &&
         is_same_port(asked.object, operation.object) && is_host(ticket.names, around) &&
         is_subset(around.touched, ticket.evidence.touched);
}

std::vector<Operation> attempts_of(const Ticket& ticket) {
  std::vector<Operation> attempts{ticket.operation};
  for (const Endpoint& each : ticket.also) {
    Operation& attempt = attempts.emplace_back(ticket.operation);
    attempt.endpoint = each;
    std::ranges::copy(each.address, std::begin(attempt.object.address));
    attempt.object.scope_id = each.scope_id;
  }
  return attempts;
}

Grant wide_grant(const Ticket& ticket, Scope scope) {
  Grant grant;
  grant.ticket = ticket.id;
  grant.workload = ticket.operation.workload;
  grant.object = ticket.operation.object;
  grant.scope = scope;
  grant.workload_name = ticket.workload;
  grant.what = lets_through(ticket, scope == Scope::once ? Scope::host : scope);
  grant.rule = ticket.rule;
  grant.touched = ticket.evidence.touched;
  if (scope == Scope::directory) {
    grant.places = {directory_of(ticket.operation)};
    grant.directory = ticket.directory;
  }
  if (scope == Scope::host || scope == Scope::once) grant.places = ticket.names;
  return grant;
}

}  // namespace stayd
