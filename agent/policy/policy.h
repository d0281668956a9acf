// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "policy/address.h"
#include "stayd/wire.h"

namespace stayd {

enum class Verdict : std::uint8_t {
  allow = STAYD_VERDICT_ALLOW,
  audit = STAYD_VERDICT_AUDIT,
  hold = STAYD_VERDICT_HOLD,
  deny = STAYD_VERDICT_DENY,
};
// The wire numbers them from lax to strict.
inline Verdict stricter(Verdict a, Verdict b) { return std::max(a, b); }
const char* to_string(Verdict verdict);

enum class Access : std::uint8_t {
  read = STAYD_ACCESS_READ,
  write = STAYD_ACCESS_WRITE,
  create = STAYD_ACCESS_CREATE,
  remove = STAYD_ACCESS_DELETE,
  rename = STAYD_ACCESS_RENAME,
  exec = STAYD_ACCESS_EXEC,
  unix_socket = STAYD_ACCESS_UNIX,
  network = STAYD_ACCESS_NETWORK,
};

// A file or directory as the policy names it: absolute, without "." or ".." or "//", or below "~";
// see workload_user.h. A directory stands for everything below it.
struct Place {
  std::string path;
  Position at;
};

// A glob for whole paths, from "/" or "~" or, if it begins with "**/", from any directory:
// '*' and '?' stay within a component, "**" is any number of components.
struct Pattern {
  std::string glob;
  Position at;
};

// The files that a rule is about: places, or patterns, or a label with both. A pack's is called
// "PACK/LABEL".
struct Label {
  std::string name;
  std::vector<Place> places;
  std::vector<Pattern> patterns;
  std::uint16_t source = 0;  // as a rule's
};

// The kind of sensitive operation that a rule is about, for people who answer and count by it.
enum class RuleClass : std::uint8_t {
  none,
  data_export,
  model_change,
  permission_change,
  code_change,
  destructive,
  secret,
};
inline constexpr std::array kRuleClasses{RuleClass::data_export,       RuleClass::model_change,
                                         RuleClass::permission_change, RuleClass::code_change,
                                         RuleClass::destructive,       RuleClass::secret};
// "data-export"; empty for `none`.
const char* to_string(RuleClass rule_class);

struct Rule {
  std::uint32_t id = 0;  // from 1, unique within the policy; 0 is "the default"
  Verdict verdict = Verdict::deny;
  Position at;       // in the file of its source
  std::string text;  // "files.read.hold: customer-data (/srv/customers)"
  RuleClass rule_class = RuleClass::none;
  std::uint16_t source = 0;  // 0: the policy's file; n: that of Policy::packs[n - 1]
  std::uint16_t layer = 0;   // see UsedPack
};

// The words in which people are told of a rule.
struct RuleWords {
  std::string text;  // in full
  RuleClass rule_class = RuleClass::none;
};
RuleWords words_of(const Rule& rule);

struct NetworkRule {
  Rule rule;
  Destinations destinations;
};

// "files.example.org:443", "*.internal.example.com", "sts.*.example.com": as specific as a single
// address; with a wildcard less specific than any address or network.
struct HostRule {
  Rule rule;
  std::string name;    // lower case, without a final dot and "*."; '*' is for bytes of one part
  bool below = false;  // "*.": every name below, not the name itself
  bool is_pattern() const { return below || name.find('*') != name.npos; }
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 65535;
  std::uint8_t protocol = 0;
};

// About one access of a place, a pattern, or all that a label names.
struct PathRule {
  Rule rule;
  Access access = Access::read;
  std::optional<std::size_t> label;  // index into Policy::labels; otherwise `what`
  Label what;                        // one place or one pattern, no name
};

// "unix:@name"
struct AbstractSocketRule {
  Rule rule;
  std::string name;
};

struct OriginRule {
  Rule rule;
  std::uint32_t origin = 0;  // STAYD_ORIGIN_*
};

using Sha256 = std::array<std::uint8_t, 32>;

struct ContentRule {
  Rule rule;
  Sha256 sha256{};
};

// "git push --force*": a glob over the arguments, each followed by a space but the last;
// the first one without its directories.
struct ArgumentsRule {
  Rule rule;
  std::string glob;
};

// A program by its name, with what it is told to do: see docs/use/policy.md. All of these are globs
// but `takes_value`; what is empty asks for nothing.
struct ToolRule {
  Rule rule;
  std::vector<std::string> tools;               // names, one of them
  std::vector<std::vector<std::string>> words;  // the first besides options; each one of several
  std::vector<std::string> options;             // one of them: "--force", "-f", "-o=VALUE"; a word
  std::vector<std::string> takes_value;         // options that do, besides those that are known
  std::vector<std::string> pipes_into;          // programs that read what the tool writes
};

// After reading one of the labels, or so many files of the only one, at least this strict.
struct Flow {
  Rule rule;
  std::vector<std::size_t> labels;  // indexes into Policy::labels
  std::uint32_t files = 0;          // 0 for one label of several, or any file of the only one
  Access access = Access::network;  // network, write, create or exec
  // Destinations that it does not make stricter, if it is about the network.
  std::vector<Destinations> except{};
  std::vector<HostRule> except_hosts{};  // which are no rules
  std::string except_text{};             // both as they are written
};

// True if both are after the same labels and have the same exceptions: they are compiled into one,
// under the number of the first.
bool are_one(const Flow& a, const Flow& b);

// Cgroups that become workloads under the policy.
struct AppliesTo {
  enum class Kind : std::uint8_t {
    unit,    // "x.service", "x@*.service": the cgroup's last component, a glob
    slice,   // "x.slice": every cgroup directly in that slice
    cgroup,  // "/ai.slice/x.scope", "/ai.slice/*.scope", "/ai.slice/**": a glob from the root
    label,   // "KEY=VALUE": a container that its runtime's state directory labels so
    user,    // "dev": cgroups that are a user's, see uid_of_cgroup()
    group,   // "developers": those of each user in the group
  };
  Kind kind = Kind::unit;
  std::string name;
};

// The scope of an approval besides the operation that waits, from narrow to wide: of two, the
// narrower is what both let through. Each of the last three lets through only what the same rule
// holds, of the same kind.
enum class Scope : std::uint8_t {
  once,       // nothing
  process,    // identical ones of the same process instance
  workload,   // identical ones of the whole workload
  directory,  // at whatever is in the same directory, and below it
  host,       // to whatever address has the same name
  rule,       // whatever that rule holds
};
const char* to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);
inline constexpr Scope kEveryScope[] = {Scope::once,      Scope::process, Scope::workload,
                                        Scope::directory, Scope::host,    Scope::rule};

// Ask these as well once a ticket has waited so long.
struct Escalation {
  std::chrono::seconds after{0};
  std::vector<std::string> to;  // groups
  bool operator==(const Escalation&) const = default;
};

// The people who are asked about what is held, and for how long.
struct Approval {
  std::vector<std::string> approvers{};  // groups; empty: everybody who may answer
  std::uint32_t quorum = 1;              // people, not accounts
  std::chrono::seconds timeout{30 * 60};
  std::vector<Escalation> escalate{};  // in order of `after`
  bool wait_if_unreachable = false;    // with nobody to hear the question: wait instead of denying
  // The time for which a question may still be answered when nobody waits for it any more; nothing:
  // until its timeout, which bounds it in any case. Zero: it ends with whoever waited.
  std::optional<std::chrono::seconds> linger{};
  // The scopes that an approval may have besides `once`; in order, each at most once.
  std::vector<Scope> scopes{std::begin(kEveryScope) + 1, std::end(kEveryScope)};
  Position at;  // of its keys
};

// Another approval for what a rule of the class holds whose text contains `rule`.
struct ApprovalFor {
  std::string rule{};                      // empty: any
  RuleClass rule_class = RuleClass::none;  // none: any
  Position at{};
  Approval approval{};
};
bool fits(const ApprovalFor& entry, std::string_view rule_text, RuleClass rule_class);

// A pack that a policy uses. The rules of one that it trusts are the policy's own: layer 0. Any
// other is a layer of its own, n for Policy::packs[n - 1]: each layer is judged by itself, and the
// strictest of what they say counts, so that it can make nothing laxer.
struct UsedPack {
  std::string name;
  std::string file;
  std::string about;  // what it is for
  bool trusted = false;
  bool direct = false;  // the policy itself names it, and not only another pack
};

// A policy file, checked but not yet resolved against this host's files.
struct Policy {
  std::string name;
  std::string file;   // as given to the parser, for messages
  std::string owner;  // a Unix user, who may not answer; empty: nobody
  std::string user;   // a Unix user, whose home "~" is; empty: the user whose the cgroup is
  bool observe = false;
  bool allow_on_agent_loss = false;
  bool report_once = false;  // what is only audited, once for each object; no key of the language
  std::vector<AppliesTo> applies_to;
  std::vector<UsedPack> packs;
  std::vector<Label> labels;
  Verdict network_default = Verdict::deny;
  Verdict files_default = Verdict::deny;
  Verdict exec_default = Verdict::deny;
  Verdict unix_default = Verdict::allow;  // as nearly everything needs some
  // The places where the file says the four; line 0: it does not.
  struct DefaultsAt {
    Position network, files, exec;
    Position unix_sockets{0, 0};
  };
  DefaultsAt defaults_at;
  std::vector<NetworkRule> network;
  std::vector<HostRule> hosts;
  std::vector<PathRule> paths;
  std::vector<AbstractSocketRule> abstract_sockets;
  std::vector<OriginRule> origins;
  std::vector<ContentRule> contents;
  std::vector<ArgumentsRule> arguments;
  std::vector<ToolRule> tools;
  std::vector<Flow> flows;
  std::vector<Address> resolvers;  // what they answer to the workload names addresses …
  bool confirm_dns = true;         // … once they have told the agent the same
  Approval approval;
  std::vector<ApprovalFor> approval_for;  // the first that fits counts
};

// For what the rule with this text and class holds; valid while `policy` is.
const Approval& approval_of(const Policy& policy, std::string_view rule_text, RuleClass rule_class);

// Every group that the policy asks, each once, sorted.
std::vector<std::string> groups_of(const Policy& policy);

// Valid while `policy` and `rule` are.
// True if the names of addresses are those that resolvers of the policy confirm. Otherwise they are
// what the workload was told, by whomever, and nothing is decided by them.
bool are_names_believed(const Policy& policy);

const Label& what_of(const Policy& policy, const PathRule& rule);

// The paths of files and directories that the policy names, each at least once.
std::vector<std::string> paths_of(const Policy& policy);

// The file that something of this source was read from, for messages.
const std::string& file_of(const Policy& policy, std::uint16_t source);

// All kinds of rules together.
std::size_t count_rules(const Policy& policy);

// Calls visit(rule) for every rule of the policy, kind after kind.
template <class Visit>
void for_each_rule(const Policy& policy, Visit visit) {
  const auto each = [&](const auto& rules) {
    for (const auto& rule : rules) visit(rule.rule);
  };
  each(policy.network);
  each(policy.hosts);
  each(policy.paths);
  each(policy.abstract_sockets);
  each(policy.origins);
  each(policy.contents);
  each(policy.arguments);
  each(policy.tools);
  each(policy.flows);
}

struct CgroupFacts {
  std::string_view path;  // below the cgroup root: "/system.slice/x.service"
  std::vector<std::pair<std::string, std::string>> labels = {};  // of the container in it, if any
  std::string named = {};  // the policy's name that is written on it, trusted.stayd.policy
  std::string user = {};   // whose it is; empty: not known, or no policy asks
  std::vector<std::string> groups = {};  // that this user is in
};

// Only the named cgroups themselves match: those below a workload belong to it anyway.
bool applies_to(const AppliesTo& entry, const CgroupFacts& cgroup);

// The policy that is written on the cgroup; else the first of which an entry applies; else
// nullptr.
const Policy* choose_policy(const std::vector<Policy>& policies, const CgroupFacts& cgroup);

// "support-agent: 6 rules, 2 labels; unless a rule says otherwise: network hold, …"
std::string describe(const Policy& policy);

}  // namespace stayd
