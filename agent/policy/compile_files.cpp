// SPDX-License-Identifier: Apache-2.0
#include "policy/compile_files.h"

#include <array>
#include <map>
#include <string_view>

#include "base/yaml.h"
#include "policy/glob.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxExtension = 15;

const Rule* stricter_rule(const Rule* a, const Rule* b) {
  if (!a || !b) return a ? a : b;
  return b->verdict > a->verdict ? b : a;
}

bool is_above(std::string_view directory, std::string_view path) {
  if (directory == "/") return path != "/";
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

// The rules about one access of one identity.
class RankedRules {
 public:
  void add_own(const Rule& rule) { own_ = stricter_rule(own_, &rule); }

  // `path` names a directory with this identity's mount somewhere below it.
  void add_above(const std::string& path, const Rule& rule) {
    above_[path] = stricter_rule(above_[path], &rule);
  }

  // Takes `other`'s rules about places that these say nothing about.
  void fill_from(const RankedRules& other) {
    if (!own_) own_ = other.own_;
    above_.insert(other.above_.begin(), other.above_.end());
  }

  // nullptr: nothing is said. A rule that names the identity beats those of directories
  // above its mount, and of these one that is below another beats it.
  const Rule* winner() const {
    if (own_) return own_;
    const Rule* best = nullptr;
    for (const auto& [path, rule] : above_) {
      bool outdone = false;
      for (const auto& other : above_) outdone = outdone || is_above(path, other.first);
      if (!outdone) best = stricter_rule(best, rule);
    }
    return best;
  }

 private:
  const Rule* own_ = nullptr;
  std::map<std::string_view, const Rule*> above_;
};

// What is said of one identity, name or pattern.
struct Subject {
  std::array<RankedRules, STAYD_ACCESS_COUNT> claims;
  std::uint64_t labels = 0;
  std::uint32_t flags = 0;

  stayd_node node() {
    for (int access : {STAYD_ACCESS_CREATE, STAYD_ACCESS_DELETE, STAYD_ACCESS_RENAME})
      claims[static_cast<std::size_t>(access)].fill_from(claims[STAYD_ACCESS_WRITE]);
    stayd_node node{};
    node.labels = labels;
    node.flags = flags;
    for (std::size_t access = 0; access < STAYD_ACCESS_COUNT; access++) {
      const Rule* rule = claims[access].winner();
      if (!rule) continue;
      node.verdicts[access] = static_cast<std::uint8_t>(rule->verdict);
      node.rules[access] = static_cast<std::uint16_t>(rule->id);
    }
    return node;
  }
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
    for (const Place& place : label.places) add_place(place, mask, rule, access);
    for (const Pattern& pattern : label.patterns) add_pattern(pattern, mask, rule, access);
  }

  std::optional<Error> finish() {
    for (auto& [identity, subject] : identities_)
      compiled_.nodes.emplace_back(identity, subject.node());
    for (auto& [entry, of_entry] : entries_)
      compiled_.entries.push_back({entry, of_entry.expected, of_entry.subject.node()});
    for (auto& [glob, subject] : patterns_) add_compiled_pattern(glob, subject.node());
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
          error_ = error_at(policy_.file, place.at,
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

  // Whatever takes the place of a component has to be noticed.
  void watch(const Located& located) {
    for (std::size_t i = 0; i < located.components.size(); i++) {
      const Located::Component& component = located.components[i];
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
    const auto index = static_cast<std::size_t>(access);
    for (std::size_t i = 0; i < located->identities.size(); i++) {
      Subject& subject = identities_[located->identities[i]];
      subject.labels |= mask;
      if (!rule) continue;
      if (i == 0)
        subject.claims[index].add_own(*rule);
      else
        subject.claims[index].add_above(place.path, *rule);
    }
    if (!located->complete || located->components.empty()) return;
    Subject& subject = entries_[located->components.back().entry].subject;
    subject.labels |= mask;
    if (rule) subject.claims[index].add_own(*rule);
  }

  void add_pattern(const Pattern& pattern, std::uint64_t mask, const Rule* rule, Access access) {
    Subject& subject = patterns_[pattern.glob];
    subject.labels |= mask;
    if (rule) subject.claims[static_cast<std::size_t>(access)].add_own(*rule);
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
  std::map<std::string, Subject> sockets;
  for (const AbstractSocketRule& socket : policy.abstract_sockets)
    sockets[socket.name].claims[STAYD_ACCESS_UNIX].add_own(socket.rule);
  for (auto& [name, subject] : sockets)
    compiled.names.push_back({STAYD_NAME_ABSTRACT, name, subject.node()});
  return files.finish();
}

}  // namespace stayd
