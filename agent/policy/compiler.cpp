// SPDX-License-Identifier: Apache-2.0
#include "policy/compiler.h"

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "policy/yaml.h"

namespace stayd {
namespace {

constexpr std::uint8_t number(Verdict verdict) { return static_cast<std::uint8_t>(verdict); }
constexpr std::size_t index(Access access) { return static_cast<std::size_t>(access); }

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
class Claims {
 public:
  void add_own(const Rule& rule) { own_ = stricter_rule(own_, &rule); }

  // `path` names a directory with this identity's mount somewhere below it.
  void add_above(const std::string& path, const Rule& rule) {
    above_[path] = stricter_rule(above_[path], &rule);
  }

  // Takes `other`'s rules about places that these say nothing about.
  void fill_from(const Claims& other) {
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

using ClaimsOfNode = std::array<Claims, STAYD_ACCESS_COUNT>;

std::optional<Error> compile_nodes(const Policy& policy, const PathResolver& resolve,
                                   CompiledPolicy& compiled) {
  // A path is looked up once, so that all rules about it mean the same file.
  std::map<std::string, std::vector<Identity>> resolved;
  std::map<Identity, ClaimsOfNode> claims;

  for (const PathRule& rule : policy.paths) {
    for (const Place& place : places_of(policy, rule)) {
      auto [found, is_new] = resolved.try_emplace(place.path);
      if (is_new) {
        Result<std::vector<Identity>> identities = resolve(place.path);
        if (!identities || identities->empty()) {
          std::string reason = identities ? "nothing is there" : identities.error().message;
          return error_at(policy.file, place.at,
                          place.path + ": " + reason + "; create it or correct the path");
        }
        found->second = std::move(*identities);
      }
      const std::vector<Identity>& identities = found->second;
      claims[identities[0]][index(rule.access)].add_own(rule.rule);
      for (std::size_t i = 1; i < identities.size(); i++) {
        claims[identities[i]][index(rule.access)].add_above(found->first, rule.rule);
      }
    }
  }

  for (auto& [identity, of_node] : claims) {
    of_node[STAYD_ACCESS_CREATE].fill_from(of_node[STAYD_ACCESS_WRITE]);
    stayd_node node{};
    for (std::size_t access = 0; access < STAYD_ACCESS_COUNT; access++) {
      const Rule* rule = of_node[access].winner();
      if (!rule) continue;
      node.verdicts[access] = number(rule->verdict);
      node.rules[access] = rule->id;
    }
    compiled.nodes.emplace_back(identity, node);
  }
  return std::nullopt;
}

bool is_more_specific(const NetworkRule* a, const NetworkRule* b) {
  auto rank = [](const NetworkRule& rule) {
    const Destinations& to = rule.destinations;
    return std::tuple(to.last_port - to.first_port, to.protocol == 0, -number(rule.rule.verdict),
                      rule.rule.id);
  };
  return rank(*a) < rank(*b);
}

// The kernel looks up one prefix and takes the first rule that matches, so each prefix
// carries those of the prefixes around it behind its own.
std::optional<Error> add_rules(const Policy& policy, std::vector<const NetworkRule*>& rules,
                               const stayd_prefix* parent, stayd_prefix& prefix) {
  std::sort(rules.begin(), rules.end(), is_more_specific);
  std::size_t inherited = parent ? parent->count : 0;
  if (rules.size() + inherited > STAYD_PORT_RULES) {
    return error_at(policy.file, rules.front()->rule.at,
                    "more than " + std::to_string(STAYD_PORT_RULES) +
                        " rules for one address, those of wider prefixes included; "
                        "use port ranges or fewer nested prefixes");
  }
  for (const NetworkRule* rule : rules) {
    const Destinations& to = rule->destinations;
    prefix.rules[prefix.count++] = {to.first_port, to.last_port, to.protocol,
                                    number(rule->rule.verdict),
                                    static_cast<std::uint16_t>(rule->rule.id)};
  }
  for (std::size_t i = 0; i < inherited; i++) prefix.rules[prefix.count++] = parent->rules[i];
  return std::nullopt;
}

std::optional<Error> compile_prefixes(const Policy& policy, CompiledPolicy& compiled) {
  std::map<Prefix, std::vector<const NetworkRule*>> rules;
  for (const NetworkRule& rule : policy.network) {
    rules[rule.destinations.prefix].push_back(&rule);
    // An IPv6 prefix as wide as ::/0 covers the mapped addresses, but does not mean them:
    // this entry, empty or not, hides it from IPv4.
    rules.try_emplace(all_of_ipv4());
  }

  // A prefix comes before everything in it, so those that contain the next one are a stack.
  std::vector<std::size_t> around;
  for (auto& [prefix, own] : rules) {
    while (!around.empty() && !contains(compiled.prefixes[around.back()].first, prefix.address)) {
      around.pop_back();
    }
    const stayd_prefix* parent = nullptr;
    if (!around.empty()) {
      const auto& [outer, outer_entry] = compiled.prefixes[around.back()];
      if (is_ipv4(outer) == is_ipv4(prefix)) parent = &outer_entry;
    }
    stayd_prefix entry{};
    if (auto error = add_rules(policy, own, parent, entry)) return error;
    around.push_back(compiled.prefixes.size());
    compiled.prefixes.emplace_back(prefix, entry);
  }
  return std::nullopt;
}

}  // namespace

Result<CompiledPolicy> compile(const Policy& policy, const PathResolver& resolve) {
  CompiledPolicy compiled;
  compiled.defaults.verdicts[STAYD_ACCESS_READ] = number(policy.files_default);
  compiled.defaults.verdicts[STAYD_ACCESS_WRITE] = number(policy.files_default);
  compiled.defaults.verdicts[STAYD_ACCESS_CREATE] = number(policy.files_default);
  compiled.defaults.verdicts[STAYD_ACCESS_EXEC] = number(policy.exec_default);
  compiled.defaults.verdicts[STAYD_ACCESS_NETWORK] = number(policy.network_default);

  compiled.rules.resize(policy.network.size() + policy.paths.size() + 1);
  compiled.rules[0] = "default";
  for (const NetworkRule& rule : policy.network) compiled.rules[rule.rule.id] = rule.rule.text;
  for (const PathRule& rule : policy.paths) compiled.rules[rule.rule.id] = rule.rule.text;

  if (auto error = compile_nodes(policy, resolve, compiled)) return *error;
  if (auto error = compile_prefixes(policy, compiled)) return *error;
  return compiled;
}

}  // namespace stayd
