// SPDX-License-Identifier: Apache-2.0
#include "audit/ocsf_operation.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/json.h"

namespace stayd::audit {
namespace {

constexpr int kFileActivity = 1001;
constexpr int kProcessActivity = 1007;
constexpr int kNetworkActivity = 4001;

std::string last_component(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.empty() ? (path.empty() ? "unknown" : path) : name;
}

// type_id: Unknown 0, Regular File 1.
json file(const std::string& path, int type) {
  json result = {{"name", last_component(path)}, {"type_id", type}};
  if (!path.empty()) result["path"] = path;
  return result;
}

std::string joined(const json& arguments) {
  std::string text;
  for (const json& each : arguments)
    if (each.is_string()) text += (text.empty() ? "" : " ") + each.get<std::string>();
  return text;
}

json process(const json& caller) {
  json result = {{"pid", number_at(caller, "pid")}, {"name", text_at(caller, "comm")}};
  if (const std::string program = text_at(caller, "program"); !program.empty())
    result["file"] = file(program, 1);
  if (const std::int64_t thread = number_at(caller, "thread"); thread != 0) result["tid"] = thread;
  result["user"] = {{"uid", id_at(caller, "uid")}};
  const json& ancestry = member_at(caller, "ancestry");
  if (ancestry.is_array() && !ancestry.empty()) {
    const json& parent = ancestry.front();
    json above = {{"pid", number_at(parent, "pid")}};
    const std::string command = joined(member_at(parent, "arguments"));
    if (!command.empty()) above["cmd_line"] = command;
    if (const std::string program = text_at(parent, "program"); !program.empty())
      above["file"] = file(program, 1);
    result["parent_process"] = std::move(above);
  }
  return result;
}

// "192.0.2.7:443/tcp", "[2001:db8::1%2]:53/udp"
void add_endpoint(const std::string& text, json& members) {
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.rfind(':', slash);
  if (slash == text.npos || colon == text.npos) {
    members["dst_endpoint"] = {{"name", text.empty() ? "unknown" : text}};
    return;
  }
  std::string address = text.substr(0, colon);
  if (address.starts_with('[')) address = address.substr(1, address.rfind(']') - 1);
  address = address.substr(0, address.find('%'));
  json endpoint = {{"ip", address}};
  int port = 0;
  const char* end = text.data() + slash;
  if (std::from_chars(text.data() + colon + 1, end, port).ptr == end) endpoint["port"] = port;
  members["dst_endpoint"] = std::move(endpoint);
  members["connection_info"]["protocol_name"] = text.substr(slash + 1);
}

int file_change(const std::string& kind) {
  if (kind == "create") return 1;
  if (kind == "delete") return 4;
  if (kind == "rename") return 5;
  return kind == "open" ? 14 : 99;
}

}  // namespace

std::string id_at(const json& value, const char* name) {
  const json& member = member_at(value, name);
  return member.is_number_integer() ? member.dump() : "";
}

OcsfOperation ocsf_operation(const json& operation) {
  const std::string kind = text_at(operation, "kind");
  const std::string path = text_at(operation, "path");
  const json& caller = member_at(operation, "caller");
  OcsfOperation result;
  result.members["actor"] = {{"process", process(caller)}};
  result.what = kind + " " + (path.empty() ? text_at(operation, "endpoint") : path);
  if (kind == "exec") {
    result.class_uid = kProcessActivity;
    result.activity = 1;  // Launch
    json started = {{"pid", number_at(caller, "pid")}, {"file", file(path, 1)}};
    const std::string command = joined(member_at(operation, "arguments"));
    if (!command.empty()) started["cmd_line"] = command;
    result.members["process"] = std::move(started);
  } else if (kind == "connect" || kind == "send" || kind == "unix") {
    result.class_uid = kNetworkActivity;
    result.activity = kind == "send" ? 6 : 1;                   // Traffic, Open
    result.members["connection_info"] = {{"direction_id", 2}};  // Outbound
    if (kind == "unix") {
      result.members["dst_endpoint"] = {{"name", path.empty() ? "unknown" : path}};
      result.members["connection_info"]["protocol_name"] = "unix";
    } else {
      add_endpoint(text_at(operation, "endpoint"), result.members);
    }
  } else {
    result.class_uid = kFileActivity;
    result.activity = file_change(kind);
    result.members["file"] = file(path, 0);
    if (kind == "rename") result.members["file_result"] = file(text_at(operation, "new_path"), 0);
  }
  return result;
}

}  // namespace stayd::audit
