// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

// For ocsf.cpp only.
namespace stayd::audit {

using nlohmann::json;

// What a record says, if it says it: it may have been tampered with.
const json& member_at(const json& value, const char* name);   // null if it is missing
std::string text_at(const json& value, const char* name);     // "" if it is missing or not a string
std::int64_t number_at(const json& value, const char* name);  // 0 if it is missing or not a number
std::string id_at(const json& value, const char* name);       // a number as text

struct OcsfOperation {
  int class_uid = 0;
  int activity = 0;
  json members;      // of the class: actor, file, process, dst_endpoint …
  std::string what;  // "open /srv/x"
};

// `operation` as context/operation_json.h describes it.
OcsfOperation ocsf_operation(const json& operation);

}  // namespace stayd::audit
