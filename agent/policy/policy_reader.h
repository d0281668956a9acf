// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml_reader.h"
#include "policy/keys.h"
#include "policy/pack.h"
#include "policy/values.h"

namespace stayd {

// Turns the tree into a Policy, section by section; for parser.cpp and packs only.
class PolicyReader : private YamlReader {
 public:
  // `pack`: what the file is, unless it is a policy.
  explicit PolicyReader(std::string_view file, std::string pack = {})
      : YamlReader(file), pack_(std::move(pack)) {
    policy_.file = file;
  }

  Result<Policy> read(const YamlNode& root, const PackSource& packs);
  using YamlReader::errors;
  // Labels and rules of a pack whose parameters are filled in; nothing else of it is looked at.
  Result<Policy> read_pack(const YamlNode& root);
  // Returns the fault of a file or pattern, or of a destination.
  std::optional<Error> fault_of_value(const YamlNode& value, bool destination);

 private:
  // Calls visit(verdict, item, "network.deny: ") for each entry of a map's verdict lists: a text,
  // or the map of a tool under 'exec'.
  template <class Visit>
  void for_rule(const YamlNode& map, const std::string& section, Visit visit) {
    for (const YamlEntry& entry : map.entries) {
      std::optional<Verdict> verdict = parse_verdict(entry.key);
      if (!verdict) continue;
      std::string name = section + "." + entry.key;
      for_item(&entry.value, name, [&](const YamlNode& item) {
        const YamlNode& what = read_entry(item, section);
        const bool tool = &what == &item && item.kind == YamlNode::Kind::map;
        if (tool || check_text(what, name)) visit(*verdict, what, name + ": ");
        rule_class_ = RuleClass::none;
      });
    }
  }

  bool is_pack() const { return !pack_.empty(); }
  // A section of a pack says nothing of what its rules do not name.
  void refuse_settings(const YamlNode& section, const std::string& name);
  // Sets `at` to where the default is said.
  Verdict read_default(const YamlNode& section, const std::string& name, Position& at);
  const YamlNode& read_entry(const YamlNode& item, std::string_view section);
  RuleClass read_class(const YamlNode& map);
  Rule make_rule(Verdict verdict, Position at, std::string text);

  void check_packs(const YamlNode& root);
  std::string read_name(const YamlNode& node);
  void read_owner(const YamlNode& node);
  void read_user(const YamlNode& node);
  void read_mode(const YamlNode& node);
  void read_agent_loss(const YamlNode& node);
  void read_applies_to(const YamlNode& item);

  // parser_approval.cpp
  void read_approval(const YamlNode& node);
  Approval read_approval_keys(const YamlNode& node, Approval approval);
  std::vector<std::string> read_groups(const YamlNode& node, std::string_view what);
  std::optional<std::chrono::seconds> read_duration(const YamlNode& node);
  std::optional<std::chrono::seconds> read_linger(const YamlNode& node);
  std::vector<Scope> read_scopes(const YamlNode& node);
  void read_escalation(const YamlNode& item, Approval& approval);

  // parser_files.cpp
  void read_labels(const YamlNode& node);
  void read_place_or_pattern(const YamlNode& node, Label& into);
  std::optional<std::size_t> find_label(const YamlNode& node);
  void read_files(const YamlNode& node);
  void read_path_rules(const YamlNode& map, const std::string& section, Access access);
  void add_path_rule(Verdict verdict, const YamlNode& item, const std::string& name, Access access);

  // parser_network.cpp
  void read_network(const YamlNode& node);
  void read_destination(Verdict verdict, const YamlNode& item, const std::string& name);
  static bool is_host(const YamlNode& item);
  std::optional<Destinations> read_addresses(const YamlNode& item);
  std::optional<HostRule> read_host(const YamlNode& item);
  void read_unix(Verdict verdict, const YamlNode& item, const std::string& name);
  void read_resolver(const YamlNode& item);

  // parser_exec.cpp
  void read_exec(const YamlNode& node);
  void read_program(Verdict verdict, const YamlNode& item, const std::string& name);
  std::string read_after(const YamlNode& after, Flow& flow);
  void read_flow(const YamlNode& node);
  void read_exceptions(const YamlNode& node, Flow& flow);

  // parser_tools.cpp
  void read_tool(Verdict verdict, const YamlNode& item, const std::string& name);
  std::vector<std::string> read_names(const YamlNode& node, std::string_view what);
  std::vector<std::string> read_options(const YamlNode& node, std::string_view what);
  std::vector<std::vector<std::string>> read_words(const YamlNode& node);

  const std::string pack_;
  Policy policy_;
  std::map<std::string, std::size_t> label_indexes_;
  RuleClass rule_class_ = RuleClass::none;  // of the entry that is being read
  std::size_t rules_ = 0;
  std::size_t places_ = 0;
};

}  // namespace stayd
