// SPDX-License-Identifier: Apache-2.0
#include "context/operation_json.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/rfc3339.h"

namespace stayd {
namespace {

using nlohmann::json;

std::string hex(std::uint64_t value) {
  char text[sizeof "0x0123456789abcdef"];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

const char* disposition_text(Disposition disposition) {
  switch (disposition) {
    case Disposition::held:
      return "held";
    case Disposition::cannot_wait:
      return "cannot_wait";
    case Disposition::denied:
      return "denied";
    case Disposition::audited:
      return "audited";
    case Disposition::deferred:
      return "asked";
    case Disposition::would_hold:
      return "would_hold";
    case Disposition::would_deny:
      return "would_deny";
  }
  return "unknown";
}

const char* abi_text(const Operation& operation) {
  if (operation.compat) return "i386";
  return operation.syscall >= 0x40000000 ? "x32" : "x86-64";
}

json escaped(const std::vector<std::string>& texts, std::size_t text_max) {
  json result = json::array();
  for (const std::string& text : texts) result.push_back(escape(text, text_max));
  return result;
}

json caller_json(const Caller& caller, std::size_t text_max) {
  json ancestry = json::array();
  for (const Ancestor& ancestor : caller.ancestry) {
    ancestry.push_back({{"pid", ancestor.pid},
                        {"program", escape(ancestor.program, text_max)},
                        {"arguments", escaped(ancestor.arguments, text_max)}});
  }
  json result = {{"pid", caller.pid},
                 {"thread", caller.thread},
                 {"parent", caller.parent},
                 {"uid", caller.uid},
                 {"gid", caller.gid},
                 {"login_uid", nullptr},
                 {"cgroup", escape(caller.cgroup, text_max)},
                 {"cgroup_id", caller.cgroup_id},
                 {"comm", escape(caller.comm, text_max)},
                 {"program", escape(caller.program, text_max)},
                 {"ancestry", std::move(ancestry)}};
  if (caller.login_uid) result["login_uid"] = *caller.login_uid;
  return result;
}

json identity_json(const stayd_object& object) {
  return {{"device",
           std::to_string(object.device >> 20) + ":" + std::to_string(object.device & 0xfffff)},
          {"inode", hex(object.inode)},
          {"inode_generation", object.inode_generation},
          {"hash", hex(object.hash)}};
}

}  // namespace

json to_json(const Operation& operation, std::size_t text_max) {
  json access = json::array();
  if (operation.read) access.push_back("read");
  if (operation.write) access.push_back("write");
  json result = {
      {"hold", operation.hold_id},
      {"kind", to_string(operation.kind)},
      {"disposition", disposition_text(operation.disposition)},
      {"time", rfc3339(operation.time)},
      {"time_ms", operation.time.time_since_epoch().count()},
      {"access", std::move(access)},
      {"syscall",
       {{"name", syscall_name(operation.syscall, operation.compat)},
        {"number", operation.syscall},
        {"abi", abi_text(operation)}}},
      {"open_flags", operation.open_flags},
      {"caller", caller_json(operation.caller, text_max)},
      {"identity", identity_json(operation.object)},
      {"workload_id",
       {{"slot", operation.workload.slot}, {"generation", operation.workload.generation}}},
      {"policy_id", operation.policy},
      {"rule_id", operation.rule}};
  if (operation.times > 1) result["times"] = operation.times;
  switch (operation.kind) {
    case OperationKind::exec:
      result["arguments"] = escaped(operation.arguments, text_max);
      result["arguments_incomplete"] = operation.arguments_incomplete;
      [[fallthrough]];
    case OperationKind::open:
    case OperationKind::create:
    case OperationKind::remove:
    case OperationKind::rename:
    case OperationKind::unix_socket:
      result["path"] = escape(operation.path, text_max);
      if (is_link(operation)) result["linked"] = escape(operation.new_path, text_max);
      if (operation.kind == OperationKind::rename)
        result["new_path"] = escape(operation.new_path, text_max);
      break;
    case OperationKind::connect:
    case OperationKind::send:
      result["endpoint"] = to_string(operation.endpoint);
      if (operation.pending) result["pending"] = true;
      break;
  }
  return result;
}

}  // namespace stayd
