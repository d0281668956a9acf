// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml_reader.h"
#include "policy/policy.h"

namespace stayd {

// A parameter of a pack, see pack.h.
struct PackParameter {
  enum class Kind : std::uint8_t { files, network };
  std::string name;
  std::string means;
  std::string example;
  Kind kind = Kind::files;
  bool has_default = false;
  std::vector<YamlNode> values;  // those of the default
};

struct PackHead {
  std::string about;
  std::vector<YamlNode> uses;  // names
  std::vector<PackParameter> parameters;
};

// By parameter.
using PackValues = std::map<std::string, std::vector<YamlNode>, std::less<>>;

// Reads one pack file, for read_packs() only: the head first, which says what values it needs.
class PackReader : private YamlReader {
 public:
  // `root` must outlive it.
  PackReader(std::string_view file, const YamlNode& root)
      : YamlReader(file), file_(file), root_(root) {}

  Result<PackHead> read_head(const std::string& name);
  // Its labels and rules. `without`: entries that are taken out; each must be there as it is
  // written. Those that are not are moved to `missing`.
  Result<Policy> read_rules(const std::string& name, const PackValues& values,
                            const std::vector<YamlNode>& without, std::vector<YamlNode>& missing);

 private:
  void read_parameter(const YamlEntry& entry, PackHead& head);
  void expand(YamlNode& node, const PackValues& values);

  const std::string file_;
  const YamlNode& root_;
  std::size_t filled_in_ = 0;  // entries that stand where parameters were
};

// The items of a list, or the one text.
std::vector<YamlNode> values_of(const YamlNode& node);

}  // namespace stayd
