// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/pack.h"
#include "policy/policy.h"

namespace stayd {

// A rule's number has 16 bits on the wire.
inline constexpr std::size_t kMaxRules = 65535;
// Places that all rules together name, a label's counted once for each rule about it.
inline constexpr std::size_t kMaxPlaces = 65536;

// Reads the policy language. Strict: anything it does not know is an error, the first one
// as "FILE:LINE:COLUMN: reason; what to do", where FILE may be that of a pack. Never touches the
// files that are named; `packs` is asked for the packs that it uses.
Result<Policy> parse_policy(std::string_view text, std::string_view file_name,
                            const PackSource& packs = {});
// The same of a policy that is part of another file.
Result<Policy> parse_policy(const YamlNode& root, std::string_view file_name,
                            const PackSource& packs = {});

// All errors of a policy's text, in the order of the file, each as parse_policy() gives the first:
// at most YamlReader::kMaxErrors. None: it is a policy.
std::vector<Error> policy_errors(std::string_view text, std::string_view file_name,
                                 const PackSource& packs = {});

// A regular file's text, at most one byte more than the 1 MiB that are parsed.
Result<std::string> read_policy_file(const std::string& path);

// Reads the file and parses it.
Result<Policy> load_policy(const std::string& path, const PackSource& packs);

// *.yaml of a directory but *.test.yaml, in order of their names.
Result<std::vector<std::string>> policy_files(const std::string& directory);

}  // namespace stayd
