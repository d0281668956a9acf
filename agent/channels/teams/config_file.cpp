// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "base/regular_file.h"
#include "base/yaml.h"
#include "channels/teams/config.h"

namespace stayd::teams {

Result<std::optional<Config>> load_config(const std::string& file, const std::string& credentials) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::optional<Config>();
  const Result<std::string> text = read_regular_file(file, kMaxYamlSize, Trust::unwritable);
  if (!text) return text.error();
  return parse_config(*text, file, credentials);
}

}  // namespace stayd::teams
