// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

// For ocsf.cpp only.
namespace stayd::audit {

using nlohmann::json;

// A number as text; "" if it is missing or not a number.
std::string id_at(const json& value, const char* name);

struct OcsfOperation {
  int class_uid = 0;
  int activity = 0;
  json members;      // of the class: actor, file, process, dst_endpoint …
  std::string what;  // "open /srv/x"
};

// `operation` as context/operation_json.h describes it.
OcsfOperation ocsf_operation(const json& operation);

}  // namespace stayd::audit
