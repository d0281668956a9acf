// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regular_file.h"
#include "base/result.h"
#include "base/yaml.h"
#include "policy/policy.h"

namespace stayd {

// Rules that several policies use, as a file:
//
//   pack: data-export
//   about: What was read does not leave the host unasked.
//   use: [helpers]                      optional: other packs that come with it
//   parameters:                         optional: what the policy has to say, under `with`
//     customer-data:
//       means: the files that must not leave the host unasked
//       kind: files                     or network; default: files
//       example: /srv/customers
//       default: []                     optional: for a policy that does not say it
//   labels: …                           these four as in a policy, but without defaults; an item
//   network: …                          that begins with $customer-data stands for one item for
//   files: …                            each of its values
//   exec: …
//   flows: …
struct PackText {
  std::string file;
  std::string text;
};

// Finds a pack by its name. Empty: there are no packs. The error says where it was looked for.
using PackSource = std::function<Result<PackText>(const std::string& name)>;

// The directories, the first that has NAME.yaml. They are read at each call. What is there and
// cannot be read, or not be trusted, is an error, and no reason to look in the next directory.
PackSource packs_in(std::vector<std::string> directories, Trust trust);

// The directories in which stayd and stayctl look unless they are told otherwise, see packs_in():
// "DIR:DIR".
inline constexpr std::string_view kPackDirectories = "/etc/stayd/packs:/usr/share/stayd/packs";
std::vector<std::string> split_directories(std::string_view directories);

// The packs of a policy in the order in which they are named, those that come with others last.
struct PackParts {
  std::vector<UsedPack> packs;
  std::vector<Policy> rules;  // of each; labels and rules only
};

// Reads the packs that `use`, `with` and `trust` of a policy bring. `root` is the policy's, `file`
// its name for messages. An error is one in the policy, or one in a pack, with that file's place.
Result<PackParts> read_packs(const YamlNode& root, std::string_view file, const PackSource& source);

// Adds the labels of the packs, before the policy's own, so that its rules can be about them.
void add_labels(const PackParts& parts, Policy& policy);
// Adds their rules, after the policy's own. Numbers them on.
void add_rules(PackParts parts, Policy& policy);

}  // namespace stayd
