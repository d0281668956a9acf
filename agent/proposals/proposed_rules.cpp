// SPDX-License-Identifier: Apache-2.0
#include "proposals/proposed_rules.h"

#include "policy/draft_places.h"

namespace stayd {
namespace {

// "unix:@name" is not a path, and needs none.
bool is_abstract(const Operation& operation) { return operation.path.starts_with('@'); }

Result<> can_be_ruled(const Operation& operation) {
  if (operation.off_host) return Error{"no path of this host leads to the file"};
  for (const std::string* path : {&operation.path, &operation.new_path})
    if (!path->empty() && !can_be_named(*path))
      return Error{
          "no rule can name the path: it has a wildcard, a control character or bytes "
          "that are not UTF-8, or is too long"};
  return {};
}

void add_file(ProposedRules& rules, const char* access, const std::string& path) {
  rules.allow.push_back({{"files", access}, path});
}

ProposedRules rules_for_destination(const Operation& operation) {
  Endpoint endpoint = operation.endpoint;
  ProposedRules rules;
  if (endpoint.scope_id != 0) rules.wider.emplace_back("the address on any interface");
  endpoint.scope_id = 0;
  rules.allow.push_back({{"network"}, to_string(endpoint)});
  rules.wider.emplace_back("any number of connections and any amount of data to it");
  return rules;
}

ProposedRules rules_for_path(const Operation& operation) {
  ProposedRules rules;
  switch (operation.kind) {
    case OperationKind::open:
      if (operation.read) add_file(rules, "read", operation.path);
      if (operation.write) add_file(rules, "write", operation.path);
      break;
    case OperationKind::create:
      add_file(rules, "create", operation.path);
      break;
    case OperationKind::remove:
      add_file(rules, "delete", operation.path);
      break;
    case OperationKind::rename:
      add_file(rules, "rename", operation.path);
      add_file(rules, "create", operation.new_path);
      if (operation.replaces) add_file(rules, "delete", operation.new_path);
      break;
    case OperationKind::exec:
      rules.allow.push_back({{"exec"}, operation.path});
      rules.wider.emplace_back("the program with any arguments, and whatever it is changed to");
      return rules;
    case OperationKind::unix_socket:
    case OperationKind::connect:
    case OperationKind::send:
      break;
  }
  rules.wider.emplace_back("everything below the path, should it be a directory");
  return rules;
}

}  // namespace

Result<ProposedRules> rules_for(const Operation& operation) {
  if (!has_path(operation.kind)) return rules_for_destination(operation);
  const bool abstract = is_abstract(operation);
  if (Result<> ruled = can_be_ruled(operation); !ruled && !abstract) return ruled.error();
  if (operation.kind != OperationKind::unix_socket) return rules_for_path(operation);
  return ProposedRules{.allow = {{{"network"}, "unix:" + operation.path}}, .wider = {}};
}

Attempt attempt_of(const Operation& operation, PathTree& tree) {
  Attempt attempt;
  attempt.kind = attempt_kind(operation.kind);
  attempt.read = operation.read;
  attempt.write = operation.write;
  attempt.replaces = operation.replaces;
  if (is_abstract(operation))
    attempt.abstract_name = operation.path.substr(1);
  else if (operation.kind == OperationKind::create)
    attempt.file = tree.new_name(operation.path);
  else if (has_path(operation.kind))
    attempt.file = tree.facts(operation.path);
  if (operation.kind == OperationKind::rename)
    attempt.target =
        operation.replaces ? tree.facts(operation.new_path) : tree.new_name(operation.new_path);
  if (operation.kind == OperationKind::exec)
    attempt.program = {.path = operation.path,
                       .origins = operation.open_flags,
                       .sha256 = std::nullopt,
                       .arguments = operation.arguments,
                       .arguments_cut = operation.arguments_incomplete};
  attempt.destination = {.address = operation.endpoint.address,
                         .port = operation.endpoint.port,
                         .protocol = operation.endpoint.protocol,
                         .hosts = {}};
  return attempt;
}

}  // namespace stayd
