// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/decision.h"
#include "policy/pack.h"
#include "policy/packs_said.h"
#include "policy/path_tree.h"

namespace stayd {

// A policy that decides what was seen: read with its packs, and compiled for files that need not be
// there.
struct DraftJudge {
  Policy policy;
  CompiledPolicy compiled;
  PathTree tree;

  // Of the attempt's files only the paths count; they are the host's. `off_host`: no path of the
  // host leads to the file, and no rule names its place.
  RuleVerdict judge(Attempt attempt, bool off_host = false) const;
  // The labels of the file, as bits for Attempt::touched.
  std::uint64_t labels_of(const std::string& path) const;
  // Nothing: the default decided.
  const Rule* find_rule(std::uint32_t id) const;
};

// What a draft builds on: the packs that somebody said, and nothing that was learned. It does not
// change, so that any thread may use it.
class DraftBase {
 public:
  // What "~" stands for; see for_cgroup_user().
  using Settle = std::function<Result<Policy>(const Policy&)>;
  struct Parts {
    PacksSaid packs;
    std::vector<Address> resolvers;  // that are believed about names
    PackSource source;
    Settle settle;
    bool follows_links = false;  // symbolic links of this host's files count
  };

  // Error: a pack is missing or broken, a parameter is not said, or the user is not known.
  static Result<std::shared_ptr<const DraftBase>> create(Parts parts);

  const PacksSaid& packs() const { return parts_.packs; }
  const std::vector<Address>& resolvers() const { return parts_.resolvers; }
  // Decides by the packs and the defaults that a draft begins with.
  const DraftJudge& judge() const { return judge_; }
  // Decides by what a pack says of something in particular alone: the defaults, and what trusted
  // packs say of every place, allow. Whatever it holds no allowance of a draft may let through.
  const DraftJudge& particular() const { return particular_; }
  // True if a trusted pack says of every place whether it may be written, so that the draft need
  // not hold what no pack names.
  bool is_open() const { return is_open_; }
  // True if a pack has rules about host names, which need resolvers.
  bool needs_resolvers() const;

  // What stands there in the pack's file, as `without` of the policy repeats it. Empty: nothing.
  std::string entry_text(const std::string& pack, Position at) const;

  // Another text on top of the same packs: a draft.
  Result<DraftJudge> load(std::string_view text) const;

 private:
  explicit DraftBase(Parts parts) : parts_(std::move(parts)) {}
  std::string text(bool is_open) const;
  Result<DraftJudge> compiled(Policy policy) const;

  const Parts parts_;
  DraftJudge judge_;
  DraftJudge particular_;
  bool is_open_ = false;
  std::map<std::string, YamlNode> packs_;  // by name, as they were when it was made
};

// Where in its pack's file a rule names the path: the entries of its label, or its own. Of a rule
// that is not about files its own place.
std::vector<Position> entries_naming(const Policy& policy, const Rule& rule,
                                     const std::string& path);
// Both absolute and plain.
bool is_at_or_below(const std::string& path, const std::string& place);

// "  dns: [\"127.0.0.53\"]\n"; empty: there are none.
std::string dns_line(const std::vector<Address>& resolvers);
// "192.0.2.7", "[2001:db8::1]"
std::string address_text(const Address& address);

}  // namespace stayd
