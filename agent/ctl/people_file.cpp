// SPDX-License-Identifier: Apache-2.0
#include "ctl/people_file.h"

#include <filesystem>

#include "base/regular_file.h"
#include "base/users.h"
#include "base/yaml.h"
#include "ctl/new_file.h"
#include "identity/people.h"

namespace stayd {

Option people_option(std::string& to) {
  return text_option("--people", "FILE", "the people who may answer [/etc/stayd/people.yaml]", to);
}

Result<bool> change_people(const std::string& file, const PeopleChange& change) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(file, error) && !error;
  std::string before;
  if (!is_new) {
    Result<std::string> text = read_regular_file(file, kMaxYamlSize, Trust::unwritable);
    if (!text) return text.error();
    before = std::move(*text);
  }
  const Result<std::string> after = change(before);
  if (!after) return after.error();
  if (Result<People> people = People::parse(*after, file, uid_of_login); !people)
    return people.error();
  const Result<> written = is_new ? write_new_file(file, *after) : replace_file(file, *after);
  if (!written) return written.error();
  return is_new;
}

}  // namespace stayd
