// SPDX-License-Identifier: Apache-2.0
#include "policy/parser.h"

#include <algorithm>
#include <map>
#include <utility>

#include "policy/suggestion.h"
#include "policy/values.h"
#include "policy/yaml.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxRuleText = 512;

// "name (path, path)", with as many paths as fit.
std::string label_text(const Label& label) {
  std::string text = label.name + " (";
  for (std::size_t i = 0; i < label.places.size(); i++) {
    const std::string& path = label.places[i].path;
    std::string separator = i == 0 ? "" : ", ";
    if (text.size() + separator.size() + path.size() > kMaxRuleText) {
      std::string left = std::to_string(label.places.size() - i);
      return text + separator + left + (i == 0 ? " places)" : " more)");
    }
    text += separator + path;
  }
  return text + ")";
}

// Turns the tree into a Policy. Goes on after an error, since everything is bounded and
// nothing comes of it, but keeps only the first.
class PolicyReader {
 public:
  explicit PolicyReader(std::string_view file) { policy_.file = file; }

  Result<Policy> read(const YamlNode& root) {
    if (check_map(root, "a policy",
                  {"policy", "applies_to", "owner", "mode", "labels", "network", "files", "exec",
                   "approval"})) {
      policy_.name = read_name(need(root, "policy", "policy: NAME"));
      for_item(root.find("applies_to"), "applies_to", [&](auto& item) { read_applies_to(item); });
      if (auto* owner = root.find("owner")) refuse_people(*owner, "owner");
      if (auto* mode = root.find("mode")) read_mode(*mode);
      if (auto* labels = root.find("labels")) read_labels(*labels);
      read_network(need(root, "network", "network: {default: hold}"));
      read_files(need(root, "files", "files: {default: hold}"));
      read_exec(need(root, "exec", "exec: {default: hold}"));
      if (auto* approval = root.find("approval")) read_approval(*approval);
    }
    if (error_) return *error_;
    return std::move(policy_);
  }

 private:
  void fail(Position at, std::string_view what) {
    if (!error_) error_ = error_at(policy_.file, at, what);
  }

  bool check_text(const YamlNode& node, std::string_view what) {
    if (node.kind == YamlNode::Kind::text && !node.text.empty()) return true;
    fail(node.at, quoted(what) + " must be a text; write one value");
    return false;
  }

  bool check_map(const YamlNode& node, std::string_view what, std::vector<std::string_view> keys) {
    if (node.kind != YamlNode::Kind::map) {
      std::string first(keys.empty() ? "NAME" : keys.front());
      fail(node.at, std::string(what) + " must be a map; write '" + first + ": ...' below it");
      return false;
    }
    for (const YamlEntry& entry : node.entries) {
      if (keys.empty() || std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
      fail(entry.at, "unknown key " + quoted(entry.key) + "; " + suggest(entry.key, keys));
      break;
    }
    return true;
  }

  // Nothing that matters is implied: a section that is missing is an error.
  const YamlNode& need(const YamlNode& map, std::string_view key, std::string_view example) {
    static const YamlNode kMissing;
    if (const YamlNode* node = map.find(key)) return *node;
    fail(map.at, quoted(key) + " is missing; add '" + std::string(example) + "'");
    return kMissing;
  }

  template <class Visit>
  void for_item(const YamlNode* list, std::string_view what, Visit visit) {
    if (!list) return;
    if (list->kind != YamlNode::Kind::list) {
      fail(list->at, quoted(what) + " must be a list; write [ONE, TWO] or one '- ...' per line");
      return;
    }
    for (const YamlNode& item : list->items) visit(item);
  }

  // Calls visit(verdict, item, "network.deny: ") for each entry of a map's verdict lists.
  template <class Visit>
  void for_rule(const YamlNode& map, const std::string& section, Visit visit) {
    for (const YamlEntry& entry : map.entries) {
      std::optional<Verdict> verdict = parse_verdict(entry.key);
      if (!verdict) continue;
      std::string name = section + "." + entry.key;
      for_item(&entry.value, name, [&](const YamlNode& item) {
        if (check_text(item, name)) visit(*verdict, item, name + ": ");
      });
    }
  }

  Verdict read_default(const YamlNode& section, const std::string& name) {
    const YamlNode* node = section.find("default");
    std::optional<Verdict> verdict;
    if (node) {
      verdict = parse_verdict(node->text);
    } else {
      fail(section.at, "'" + name + ".default' is missing; add 'default: hold'");
    }
    if (node && !verdict) {
      fail(node->at, quoted(node->text) + " is not a verdict; write allow, audit, hold or deny");
    }
    return verdict.value_or(Verdict::deny);
  }

  std::string read_name(const YamlNode& node) {
    if (check_text(node, "policy") && !is_name(node.text)) {
      fail(node.at,
           "bad name " + quoted(node.text) + "; write at most 64 letters, digits, '.', '_' or '-'");
    }
    return node.text;
  }

  // A promise that nobody keeps yet is worse than none.
  void refuse_people(const YamlNode& node, const char* what) {
    fail(node.at, std::string(what) +
                      " cannot be enforced in this version: who may use the socket may answer; "
                      "remove the key");
  }

  void read_mode(const YamlNode& node) {
    if (node.text == "enforce") return;
    if (node.text == "observe") {
      fail(node.at, "'observe' comes in a later version; write 'enforce'");
    } else {
      fail(node.at, "unknown mode " + quoted(node.text) + "; write 'enforce'");
    }
  }

  void read_applies_to(const YamlNode& item) {
    if (!check_map(item, "an entry of 'applies_to'", {"unit", "cgroup"})) return;
    if (item.entries.size() != 1) {
      fail(item.at,
           "an entry of 'applies_to' names one thing; write one '- unit: ...' or "
           "'- cgroup: ...' per line");
      return;
    }
    const YamlEntry& entry = item.entries.front();
    const std::string& name = entry.value.text;
    if (!check_text(entry.value, entry.key)) return;
    bool unit = entry.key == "unit";
    if (unit && !is_unit(name)) {
      fail(entry.value.at, quoted(name) +
                               " is not a unit; write NAME.service, NAME.scope or "
                               "NAME.slice");
    }
    if (!unit && !is_cgroup(name)) {
      fail(entry.value.at, quoted(name) +
                               " is not a cgroup; write /ai.slice/x.scope, or "
                               "/ai.slice/** for all below it");
    }
    policy_.applies_to.push_back({unit ? AppliesTo::Kind::unit : AppliesTo::Kind::cgroup, name});
  }

  Place read_place(const YamlNode& node) {
    const std::string& path = node.text;
    if (!path.starts_with('/')) {
      fail(node.at, quoted(path) + " is not an absolute path; begin with '/'");
    } else if (path.size() > kMaxPath) {
      fail(node.at, "a path of more than 4095 bytes; name a directory above it");
    } else if (path.find('*') != path.npos) {
      fail(node.at, quoted(path) + " is a pattern; name the file or its directory instead");
    } else if (normal_path(path) != path) {
      fail(node.at, quoted(path) + " is not a plain path; write " + quoted(normal_path(path)));
    }
    return {path, node.at};
  }

  void read_labels(const YamlNode& node) {
    if (!check_map(node, "'labels'", {})) return;
    for (const YamlEntry& entry : node.entries) {
      if (!is_name(entry.key)) {
        fail(entry.at, "bad label " + quoted(entry.key) +
                           "; write at most 64 letters, digits, '.', '_' or '-'");
      }
      Label label{entry.key, {}};
      for_item(&entry.value, entry.key, [&](const YamlNode& item) {
        if (check_text(item, entry.key)) label.places.push_back(read_place(item));
      });
      if (entry.value.kind == YamlNode::Kind::list && entry.value.items.empty()) {
        fail(entry.value.at,
             "label " + quoted(entry.key) + " has no files; name some or remove it");
      }
      label_indexes_.emplace(label.name, policy_.labels.size());
      policy_.labels.push_back(std::move(label));
    }
  }

  Rule make_rule(Verdict verdict, Position at, std::string text) {
    if (++rules_ > kMaxRules) {
      fail(at, "more than 65535 rules; name wider prefixes and higher directories");
    }
    return {static_cast<std::uint32_t>(rules_), verdict, at, std::move(text)};
  }

  void read_network(const YamlNode& node) {
    if (!check_map(node, "'network'", {"default", "allow", "audit", "hold", "deny"})) return;
    policy_.network_default = read_default(node, "network");
    for_rule(node, "network", [&](Verdict verdict, const YamlNode& item, const std::string& name) {
      Result<Destinations> destinations = parse_destinations(item.text);
      if (!destinations) {
        fail(item.at, destinations.error().message);
        return;
      }
      policy_.network.push_back({make_rule(verdict, item.at, name + item.text), *destinations});
    });
  }

  void read_files(const YamlNode& node) {
    if (!check_map(node, "'files'", {"default", "read", "write", "create"})) return;
    policy_.files_default = read_default(node, "files");
    const std::pair<const char*, Access> sections[] = {
        {"read", Access::read}, {"write", Access::write}, {"create", Access::create}};
    for (auto [key, access] : sections) {
      const YamlNode* section = node.find(key);
      std::string name = std::string("files.") + key;
      if (!section || !check_map(*section, "'" + name + "'", {"allow", "audit", "hold", "deny"})) {
        continue;
      }
      read_path_rules(*section, name, access);
    }
  }

  void read_exec(const YamlNode& node) {
    if (!check_map(node, "'exec'", {"default", "allow", "audit", "hold", "deny"})) return;
    policy_.exec_default = read_default(node, "exec");
    read_path_rules(node, "exec", Access::exec);
  }

  void read_path_rules(const YamlNode& map, const std::string& section, Access access) {
    for_rule(map, section, [&](Verdict verdict, const YamlNode& item, const std::string& name) {
      PathRule rule{{}, access, find_label(item.text), {}};
      std::string text = item.text;
      if (access == Access::exec || item.text.find('/') != std::string::npos) {
        rule.label.reset();
        rule.place = read_place(item);
      } else if (rule.label) {
        text = label_text(policy_.labels[*rule.label]);
      } else {
        fail_label(item);
        return;
      }
      rule.rule = make_rule(verdict, item.at, name + text);
      places_ += places_of(policy_, rule).size();
      if (places_ > kMaxPlaces) {
        fail(item.at, "rules about more than 65536 places; name higher directories");
      }
      policy_.paths.push_back(std::move(rule));
    });
  }

  std::optional<std::size_t> find_label(const std::string& name) const {
    auto found = label_indexes_.find(name);
    if (found == label_indexes_.end()) return std::nullopt;
    return found->second;
  }

  void fail_label(const YamlNode& item) {
    if (error_) return;
    std::vector<std::string_view> names;
    for (const Label& label : policy_.labels) names.push_back(label.name);
    fail(item.at, "unknown label " + quoted(item.text) + "; " +
                      (names.empty() ? "define it under 'labels'" : suggest(item.text, names)));
  }

  void read_approval(const YamlNode& node) {
    if (!check_map(node, "'approval'", {"timeout", "approvers"})) return;
    if (auto* timeout = node.find("timeout")) {
      std::optional<std::chrono::seconds> duration = parse_duration(timeout->text);
      if (!duration) {
        fail(timeout->at,
             "bad duration " + quoted(timeout->text) + "; write 90s, 30m or 2h, at most 168h");
      }
      policy_.approval.timeout = duration.value_or(kMaxTimeout);
    }
    if (auto* approvers = node.find("approvers")) refuse_people(*approvers, "approvers");
  }

  Policy policy_;
  std::map<std::string, std::size_t> label_indexes_;
  std::optional<Error> error_;
  std::size_t rules_ = 0;
  std::size_t places_ = 0;
};

}  // namespace

Result<Policy> parse_policy(std::string_view text, std::string_view file_name) {
  Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return root.error();
  return PolicyReader(file_name).read(*root);
}

}  // namespace stayd
