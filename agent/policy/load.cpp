// SPDX-License-Identifier: Apache-2.0
#include "base/regular_file.h"
#include "base/yaml.h"
#include "policy/parser.h"

namespace stayd {

Result<std::string> read_policy_file(const std::string& path) {
  Result<std::string> text = read_regular_file(path, kMaxYamlSize);
  if (!text) return in_context("policy", text.error());
  return text;
}

Result<Policy> load_policy(const std::string& path) {
  Result<std::string> text = read_policy_file(path);
  if (!text) return text.error();
  return parse_policy(*text, path);
}

}  // namespace stayd
