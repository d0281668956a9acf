// SPDX-License-Identifier: Apache-2.0
#include "policy/compile_files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/yaml.h"
#include "policy/claims.h"
#include "policy/glob.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxExtension = 15;
constexpr int kMaxDepth = 128;  // of the kernel side's walk

// One identity, name or pattern, and the rules about it.
struct Subject {
  Claims claims;
  std::uint64_t labels = 0;
  std::uint32_t flags = 0;
};

struct Entry {
  Identity expected;
  Subject subject;
};

class FileCompiler {
 public:
  FileCompiler(const Policy& policy, const PathResolver& resolve, CompiledPolicy& compiled)
      : policy_(policy), resolve_(resolve), compiled_(compiled) {}

  // Everything that the label names; `rule` may be absent.
  void add(const Label& label, std::uint64_t mask, const Rule* rule, Access access) {
    source_ = label.source;
    for (const Place& place : label.places) add_place(place, mask, rule, access);
    for (const Pattern& pattern : label.patterns) add_pattern(pattern, mask, rule, access);
  }

  std::optional<Error> finish() {
    for (const AbstractSocketRule& socket : policy_.abstract_sockets)
      sockets_[socket.name].claims.of(socket.rule, Access::unix_socket).add_own(socket.rule);
    for_each_subject([](Subject& subject) { subject.claims.fill_from_write(); });
    for_each_subject([this](Subject& subject) { subject.claims.add_layers(layers_); });
    for (const auto& [identity, subject] : identities_)
      compiled_.nodes.emplace_back(identity, node_of(subject, parent_of(identity)));
    for (const auto& [entry, of_entry] : entries_)
      compiled_.entries.push_back(
          {entry, of_entry.expected, node_of(of_entry.subject, entry.directory)});
    for (const auto& [glob, subject] : patterns_) add_compiled_pattern(glob, pattern_node(subject));
    for (const auto& [name, subject] : sockets_)
      compiled_.names.push_back({STAYD_NAME_ABSTRACT, name, node_of(subject, std::nullopt)});
    return error_;
  }

 private:
  // nullptr: it cannot be.
  const Located* locate(const Place& place) {
    auto [found, is_new] = located_.try_emplace(place.path);
    if (is_new) {
      Result<Located> located = resolve_(place.path);
      if (!located) {
        if (!error_)
          error_ = error_at(file_of(policy_, source_), place.at,
                            place.path + ": " + located.error().message + "; correct the path");
        return nullptr;
      }
      found->second = std::move(*located);
      watch(found->second);
      if (found->second.identities.empty())
        compiled_.unresolved.push_back({place.path, "nothing is there yet"});
    }
    return &found->second;
  }

  template <class Visit>
  void for_each_subject(Visit visit) {
    for (auto& [identity, subject] : identities_) visit(subject);
    for (auto& [entry, of_entry] : entries_) visit(of_entry.subject);
    for (auto& [glob, subject] : patterns_) visit(subject);
    for (auto& [name, subject] : sockets_) visit(subject);
  }

  std::optional<Identity> parent_of(const Identity& identity) const {
    const auto found = parents_.find(identity);
    return found == parents_.end() ? std::nullopt : std::optional(found->second);
  }

  // Returns the layer's rule about the access that names a directory from `at` up.
  const Rule* said_above(std::uint16_t layer, std::size_t access,
                         std::optional<Identity> at) const {
    for (int depth = 0; at && depth < kMaxDepth; ++depth, at = parent_of(*at)) {
      const auto found = identities_.find(*at);
      if (found == identities_.end()) continue;
      if (const Rule* rule = found->second.claims.said(layer, access)) return rule;
    }
    return nullptr;
  }

  // The strictest of what the layers say, each by the rule that is nearest to it, from this up; of
  // accesses that a rule is about here. The default is the word of the policy's own layer where
  // that says nothing.
  stayd_node node_of(const Subject& subject, const std::optional<Identity>& above) const {
    stayd_node node = plain_node(subject);
    for (std::size_t access = 0; access < STAYD_ACCESS_COUNT; ++access) {
      if (!is_said(subject, access)) continue;
      bool own = false;
      for (const std::uint16_t layer : layers_) {
        const Rule* rule = subject.claims.said(layer, access);
        if (!rule) rule = said_above(layer, access, above);
        if (!rule) continue;
        own |= layer == 0;
        take(node, access, *rule);
      }
      const std::uint8_t otherwise = compiled_.settings.verdicts[access];
      if (!own && otherwise > node.verdicts[access]) {
        node.verdicts[access] = otherwise;
        node.rules[access] = 0;
      }
    }
    if (says_exec(subject, above)) node.flags |= STAYD_NODE_EXEC_SAID;
    return node;
  }

  // A pattern only makes stricter what is found otherwise, whichever layer it is of.
  stayd_node pattern_node(const Subject& subject) const {
    stayd_node node = plain_node(subject);
    for (std::size_t access = 0; access < STAYD_ACCESS_COUNT; ++access)
      for (const std::uint16_t layer : layers_)
        if (const Rule* rule = subject.claims.said(layer, access)) take(node, access, *rule);
    return node;
  }

  static stayd_node plain_node(const Subject& subject) {
    stayd_node node{};
    node.labels = subject.labels;
    node.flags = subject.flags;
    return node;
  }

  bool is_said(const Subject& subject, std::size_t access) const {
    return std::ranges::any_of(layers_, [&](std::uint16_t layer) {
      return subject.claims.said(layer, access) != nullptr;
    });
  }

  // The first between equals, and so the policy's own.
  static void take(stayd_node& node, std::size_t access, const Rule& rule) {
    if (static_cast<std::uint8_t>(rule.verdict) <= node.verdicts[access]) return;
    node.verdicts[access] = static_cast<std::uint8_t>(rule.verdict);
    node.rules[access] = static_cast<std::uint16_t>(rule.id);
  }

  // True if a rule about this place says that programs here may be writable by others: each layer
  // that has a rule about such programs must know the place.
  bool says_exec(const Subject& subject, const std::optional<Identity>& above) const {
    if (!is_said(subject, STAYD_ACCESS_EXEC)) return false;
    return std::ranges::all_of(policy_.origins, [&](const OriginRule& origin) {
      return origin.origin != STAYD_ORIGIN_WRITABLE ||
             subject.claims.said(origin.rule.layer, STAYD_ACCESS_EXEC) != nullptr ||
             said_above(origin.rule.layer, STAYD_ACCESS_EXEC, above) != nullptr;
    });
  }

  // Whatever takes the place of a component has to be noticed.
  void watch(const Located& located) {
    for (const auto& [directory, above] : located.parents) parents_.try_emplace(directory, above);
    for (std::size_t i = 0; i < located.components.size(); i++) {
      const Located::Component& component = located.components[i];
      if (component.identity != Identity{})
        parents_.try_emplace(component.identity, component.entry.directory);
      identities_[component.entry.directory].flags |= STAYD_NODE_WATCHED;
      Entry& entry = entries_[component.entry];
      entry.expected = component.identity;
      const bool itself = located.complete && i + 1 == located.components.size();
      if (!itself) entry.subject.flags |= STAYD_NODE_UNRESOLVED;
    }
  }

  void add_place(const Place& place, std::uint64_t mask, const Rule* rule, Access access) {
    const Located* located = locate(place);
    if (!located) return;
    for (std::size_t i = 0; i < located->identities.size(); i++) {
      Subject& subject = identities_[located->identities[i]];
      subject.labels |= mask;
      if (!rule) continue;
      if (i == 0)
        subject.claims.of(*rule, access).add_own(*rule);
      else
        subject.claims.of(*rule, access).add_above(place.path, *rule);
    }
    if (!located->complete || located->components.empty()) return;
    Subject& subject = entries_[located->components.back().entry].subject;
    subject.labels |= mask;
    if (rule) subject.claims.of(*rule, access).add_own(*rule);
  }

  void add_pattern(const Pattern& pattern, std::uint64_t mask, const Rule* rule, Access access) {
    Subject& subject = patterns_[pattern.glob];
    subject.labels |= mask;
    if (rule) subject.claims.of(*rule, access).add_own(*rule);
    if (is_kernel_name(pattern.glob)) return;
    const std::string directory = literal_directory(pattern.glob);
    const Located* located =
        directory.empty() || directory == "/" ? nullptr : locate({directory, pattern.at});
    if (!located || located->identities.empty()) {
      compiled_.settings.flags |= STAYD_POLICY_DEFER_FILES;
      return;
    }
    for (const Identity& identity : located->identities)
      identities_[identity].flags |= STAYD_NODE_DEFER;
    if (located->complete && !located->components.empty())
      entries_[located->components.back().entry].subject.flags |= STAYD_NODE_DEFER;
  }

  // "**/NAME" and "**/*.EXTENSION", which the kernel looks up.
  static bool is_kernel_name(std::string_view glob) {
    if (!glob.starts_with("**/")) return false;
    std::string_view name = glob.substr(3);
    if (name.find('/') != name.npos) return false;
    if (!is_glob(name)) return true;
    if (!name.starts_with("*.")) return false;
    name.remove_prefix(2);
    return !name.empty() && name.size() <= kMaxExtension && !is_glob(name) &&
           name.find('.') == name.npos;
  }

  void add_compiled_pattern(const std::string& glob, const stayd_node& node) {
    if (!is_kernel_name(glob)) {
      compiled_.globs.push_back({glob, node});
      return;
    }
    std::string name = glob.substr(3);
    const bool extension = name.starts_with("*.");
    if (extension) name.erase(0, 2);
    compiled_.names.push_back(
        {extension ? std::uint32_t{STAYD_NAME_EXTENSION} : std::uint32_t{STAYD_NAME_EXACT},
         std::move(name), node});
  }

  const Policy& policy_;
  const PathResolver& resolve_;
  CompiledPolicy& compiled_;
  // A path is looked up once, so that all rules about it mean the same file.
  std::map<std::string, Located> located_;
  std::map<Identity, Subject> identities_;
  std::map<DirectoryEntry, Entry> entries_;
  std::map<std::string, Subject> patterns_;
  std::map<std::string, Subject> sockets_;  // abstract ones, by name
  // The directory to which the kernel side's walk goes on from each.
  std::map<Identity, Identity> parents_;
  std::set<std::uint16_t> layers_;
  std::uint16_t source_ = 0;  // of the place that is being added
  std::optional<Error> error_;
};

}  // namespace

std::optional<Error> compile_files(const Policy& policy, const std::vector<std::uint64_t>& masks,
                                   const PathResolver& resolve, CompiledPolicy& compiled) {
  FileCompiler files(policy, resolve, compiled);
  for (std::size_t i = 0; i < masks.size(); i++)
    if (masks[i] != 0) files.add(policy.labels[i], masks[i], nullptr, Access::read);
  for (const PathRule& rule : policy.paths)
    files.add(what_of(policy, rule), 0, &rule.rule, rule.access);
  return files.finish();
}

}  // namespace stayd
