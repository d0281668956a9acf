// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/regular_file.h"
#include "base/yaml.h"
#include "policy/parser.h"

namespace stayd {

Result<std::string> read_policy_file(const std::string& path) {
  Result<std::string> text = read_regular_file(path, kMaxYamlSize);
  if (!text) return in_context("policy", text.error());
  return text;
}

Result<Policy> load_policy(const std::string& path, const PackSource& packs) {
  Result<std::string> text = read_policy_file(path);
  if (!text) return text.error();
  return parse_policy(*text, path, packs);
}

Result<std::vector<std::string>> policy_files(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(directory, error)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".yaml" && path.stem().extension() != ".test")
      files.push_back(path.string());
  }
  if (error) return Error{directory + ": " + error.message()};
  std::sort(files.begin(), files.end());
  return {boost::system::in_place_value, std::move(files)};
}

}  // namespace stayd
