// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"

namespace stayd {

// A rule's number has 16 bits on the wire.
inline constexpr std::size_t kMaxRules = 65535;
// Places that all rules together name, a label's counted once for each rule about it.
inline constexpr std::size_t kMaxPlaces = 65536;

// Reads the policy language. Strict: anything it does not know is an error, the first one
// as "FILE:LINE:COLUMN: reason; what to do". Never touches the files that are named.
Result<Policy> parse_policy(std::string_view text, std::string_view file_name);

// All errors of a policy's text, in the order of the file, each as parse_policy() gives the first:
// at most YamlReader::kMaxErrors. None: it is a policy.
std::vector<Error> policy_errors(std::string_view text, std::string_view file_name);

// A regular file's text, at most one byte more than the 1 MiB that are parsed.
Result<std::string> read_policy_file(const std::string& path);

// Reads the file and parses it.
Result<Policy> load_policy(const std::string& path);

// *.yaml of a directory but *.test.yaml, in order of their names.
Result<std::vector<std::string>> policy_files(const std::string& directory);

}  // namespace stayd
