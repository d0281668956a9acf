// SPDX-License-Identifier: Apache-2.0
#include "policy/glob.h"
#include "policy/parser.h"
#include "policy/policy_reader.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxRuleText = 512;

// "name (path, path)", with as many paths as fit.
std::string label_text(const Label& label) {
  std::vector<std::string_view> names;
  for (const Place& place : label.places) names.push_back(place.path);
  for (const Pattern& pattern : label.patterns) names.push_back(pattern.glob);
  std::string text = label.name + " (";
  for (std::size_t i = 0; i < names.size(); i++) {
    std::string separator = i == 0 ? "" : ", ";
    if (text.size() + separator.size() + names[i].size() > kMaxRuleText) {
      std::string left = std::to_string(names.size() - i);
      return text + separator + left + (i == 0 ? " places)" : " more)");
    }
    text.append(separator).append(names[i]);
  }
  return text + ")";
}

}  // namespace

void PolicyReader::read_place_or_pattern(const YamlNode& node, Label& into) {
  const std::string& path = node.text;
  const bool pattern = is_glob(path);
  const bool below_home = path == "~" || path.starts_with("~/");
  if (path.size() > kMaxPath) {
    fail(node.at, "a path of more than 4095 bytes; name a directory above it");
  } else if ((path.starts_with('~') && !below_home) || path.starts_with('$')) {
    fail(node.at, in_quotes(path) +
                      " means no place here; write ~/.ssh for the home of the workload's user, "
                      "/home/alice/.ssh, or \"**/.ssh/**\" for everybody's");
  } else if (pattern && !below_home && !path.starts_with('/') && !path.starts_with("**/")) {
    fail(node.at, in_quotes(path) +
                      " is a pattern for no place; begin with '/' or '~/', or with '**/' for "
                      "any directory");
  } else if (!pattern && !below_home && !path.starts_with('/')) {
    fail(node.at, in_quotes(path) + " is not an absolute path; begin with '/'");
  } else if (normal_path(path) != path) {
    fail(node.at, in_quotes(path) + " is not a plain path; write " + in_quotes(normal_path(path)));
  }
  if (pattern)
    into.patterns.push_back({path, node.at});
  else
    into.places.push_back({path, node.at});
}

void PolicyReader::read_labels(const YamlNode& node) {
  if (!check_map(node, "'labels'", {})) return;
  for (const YamlEntry& entry : node.entries) {
    if (!is_name(entry.key)) {
      fail(entry.at, "bad label " + in_quotes(entry.key) +
                         "; write at most 64 letters, digits, '.', '_' or '-'");
    }
    if (entry.key == "memfd" || entry.key == "deleted" || entry.key == "writable") {
      fail(entry.at,
           in_quotes(entry.key) + " means something else under 'exec'; choose another name");
    }
    Label label{entry.key, {}, {}};
    for_item(&entry.value, entry.key, [&](const YamlNode& item) {
      if (check_text(item, entry.key)) read_place_or_pattern(item, label);
    });
    // A pack's parameter may be empty, and a policy may take out entries.
    if (entry.value.kind == YamlNode::Kind::list && entry.value.items.empty() && !is_pack()) {
      fail(entry.value.at,
           "label " + in_quotes(entry.key) + " has no files; name some or remove it");
    }
    label_indexes_.emplace(label.name, policy_.labels.size());
    policy_.labels.push_back(std::move(label));
  }
}

std::optional<std::size_t> PolicyReader::find_label(const YamlNode& node) {
  auto found = label_indexes_.find(node.text);
  if (found != label_indexes_.end()) return found->second;
  std::vector<std::string_view> names;
  for (const Label& label : policy_.labels) names.push_back(label.name);
  const std::string nearest = suggest(node.text, names);
  fail(node.at, "unknown label " + in_quotes(node.text) + "; " +
                    (nearest.starts_with("did you") ? nearest
                                                    : "define it under 'labels', or write a path, "
                                                      "which begins with '/'"));
  return std::nullopt;
}

void PolicyReader::read_files(const YamlNode& node) {
  for (const std::string_view verdict : kVerdictKeys)
    if (const YamlNode* rules = node.find(verdict))
      fail(rules->at, in_quotes(verdict) +
                          " belongs below what is done to the files; write 'read: {" +
                          std::string(verdict) + ": [...]}'");
  if (!check_map(node, "'files'", kFilesKeys)) return;
  policy_.files_default = read_default(node, "files", policy_.defaults_at.files);
  const std::pair<const char*, Access> sections[] = {{"read", Access::read},
                                                     {"write", Access::write},
                                                     {"create", Access::create},
                                                     {"delete", Access::remove},
                                                     {"rename", Access::rename}};
  for (auto [key, access] : sections) {
    const YamlNode* section = node.find(key);
    std::string name = std::string("files.") + key;
    if (section && check_map(*section, "'" + name + "'", kVerdictKeys))
      read_path_rules(*section, name, access);
  }
}

void PolicyReader::read_path_rules(const YamlNode& map, const std::string& section, Access access) {
  for_rule(map, section, [&](Verdict verdict, const YamlNode& item, const std::string& name) {
    add_path_rule(verdict, item, name, access);
  });
}

void PolicyReader::add_path_rule(Verdict verdict, const YamlNode& item, const std::string& name,
                                 Access access) {
  PathRule rule;
  rule.access = access;
  std::string text = item.text;
  const bool is_label = label_indexes_.contains(item.text);  // also "PACK/LABEL"
  if (!is_label &&
      (item.text.find('/') != item.text.npos || is_glob(item.text) || item.text == "~")) {
    read_place_or_pattern(item, rule.what);
  } else {
    rule.label = find_label(item);
    if (!rule.label) return;
    text = label_text(policy_.labels[*rule.label]);
  }
  const Label& what = what_of(policy_, rule);
  if (verdict == Verdict::allow && what.places.empty() && !what.patterns.empty()) {
    fail(item.at, in_quotes(item.text) +
                      " is a pattern, which can only make an operation stricter: 'allow' does "
                      "nothing; name a directory");
  }
  rule.rule = make_rule(verdict, item.at, name + text);
  places_ += what.places.size() + what.patterns.size();
  if (places_ > kMaxPlaces) {
    fail(item.at, "rules about more than 65536 places; name higher directories");
  }
  policy_.paths.push_back(std::move(rule));
}

}  // namespace stayd
