// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/suggestion.h"
#include "base/yaml.h"
#include "policy/pack.h"
#include "policy/parser.h"
#include "policy/values.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".yaml";

// False only if nothing has that name: a link that leads nowhere is there.
bool exists(const std::string& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

// "there is no pack 'gti' in /etc/stayd/packs or /usr/share/stayd/packs; did you mean 'git'?"
Error no_such_pack(const std::string& name, const std::vector<std::string>& directories) {
  std::string where;
  std::vector<std::string> names;
  for (const std::string& directory : directories) {
    where += (where.empty() ? "" : " or ") + directory;
    const Result<std::vector<std::string>> files = policy_files(directory);
    if (!files) continue;
    for (const std::string& file : *files) names.push_back(fs::path(file).stem().string());
  }
  const std::string advice = names.empty() ? "install it there, or give its directory with --packs"
                                           : suggest(name, {names.begin(), names.end()});
  return Error{"there is no pack " + in_quotes(name) + " in " + where + "; " + advice};
}

}  // namespace

PackSource packs_in(std::vector<std::string> directories, Trust trust) {
  return
      [directories = std::move(directories), trust](const std::string& name) -> Result<PackText> {
        // A name leads to no other directory.
        if (!is_name(name) || name.starts_with('.')) return no_such_pack(name, directories);
        for (const std::string& directory : directories) {
          if (!exists(directory)) continue;
          if (Result<> checked = check_directory(directory, trust); !checked)
            return in_context("packs", checked.error());
          PackText pack{directory + "/" + name + std::string(kEnding), {}};
          if (!exists(pack.file)) continue;
          Result<std::string> text = read_regular_file(pack.file, kMaxYamlSize, trust);
          if (!text) return in_context("pack", text.error());
          pack.text = std::move(*text);
          return pack;
        }
        return no_such_pack(name, directories);
      };
}

std::vector<std::string> split_directories(std::string_view directories) {
  std::vector<std::string> all;
  while (!directories.empty()) {
    const std::size_t colon = std::min(directories.find(':'), directories.size());
    if (colon > 0) all.emplace_back(directories.substr(0, colon));
    directories.remove_prefix(std::min(colon + 1, directories.size()));
  }
  return all;
}

}  // namespace stayd
