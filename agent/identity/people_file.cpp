// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>

#include "base/regular_file.h"
#include "base/users.h"
#include "base/yaml.h"
#include "identity/people.h"

namespace stayd {

Result<People> load_people(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return People::without_file();
  Result<std::string> text = read_regular_file(path, kMaxYamlSize, Trust::unwritable);
  if (!text) return text.error();
  return People::parse(*text, path, uid_of_login);
}

}  // namespace stayd
