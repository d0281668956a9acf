// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "context/operation.h"
#include "policy/compiler.h"

namespace stayd {

struct RuleVerdict {
  Verdict verdict = Verdict::deny;
  std::uint32_t rule = 0;  // index into CompiledPolicy::rules; 0: the default
  bool operator==(const RuleVerdict&) const = default;
};

// The kernel side decides the same from the same tables, bpf/lib/judge.bpf.h. Address
// families that it refuses and paths that are too deep are not seen here.

// A file and the directories above it, as far as the root of its file system.
struct Step {
  Identity identity;
  std::string name;  // in the directory that comes next; empty for the root
};
struct FileFacts {
  std::vector<Step> steps;  // the file first; of what is created, the new name, identity {}
  std::string path;         // the host's, for patterns
};

// Returns what the walk has found: the verdicts of places and kernel names, unset ones included,
// and every label.
stayd_node walk(const CompiledPolicy& policy, const FileFacts& file);
// With what the globs say, too. What a node says already must be of the same file.
stayd_node with_globs(const CompiledPolicy& policy, stayd_node node, std::string_view path);

// `node` is of the whole walk; the policy's default fills what it leaves unset.
RuleVerdict judge_node(const CompiledPolicy& policy, const stayd_node& node, Access access);

// After reading something of `touched`: a flow can only make stricter. Those of `exempt`, a bit for
// each, do not count.
RuleVerdict with_flows(const CompiledPolicy& policy, RuleVerdict rule_verdict, Access access,
                       std::uint64_t touched, std::uint16_t exempt = 0);

struct ProgramFacts {
  std::string path;
  std::uint32_t origins = 0;  // bit per STAYD_ORIGIN_*
  std::optional<Sha256> sha256;
  std::vector<std::string> arguments;
  bool arguments_cut = false;  // only the first are known, and of the last its head
  // Tool rules also count for what it is going to start: to say beforehand what becomes of it. When
  // it is judged they do not, since what it starts is judged then.
  bool looks_ahead = false;
};
// `node` is of the walk of the program's file. Without a hash no content rule matches. A rule that
// unknown arguments could match is in doubt: it holds, and never denies.
RuleVerdict judge_program(const CompiledPolicy& policy, const stayd_node& node,
                          const ProgramFacts& program, std::uint64_t touched);
// `port` in host byte order, `protocol` IPPROTO_*, `hosts` the names known to stand for the
// address: lower case, without a final dot.
struct DestinationFacts {
  Address address{};
  std::uint16_t port = 0;
  std::uint16_t protocol = 0;
  std::vector<std::string> hosts;
};
RuleVerdict judge_destination(const CompiledPolicy& policy, const DestinationFacts& destination,
                              std::uint64_t touched);

// Returns the entry of resolved_addresses for the address: its prefix's rules, and those about the
// names; empty if there are none. If there are too many for one entry, everything is denied.
stayd_prefix rules_for_address(const CompiledPolicy& policy, const Address& address,
                               const std::vector<std::string>& hosts);

// True if a host rule is about the name.
bool matches(const HostRule& rule, std::string_view name);

// See ArgumentsRule.
bool matches_arguments(std::string_view glob, const std::vector<std::string>& arguments);

// Returns the text that globs of arguments are matched with: the program's name without its
// directory, and the other arguments, with a space before each.
std::string text_of(const std::vector<std::string>& arguments);

// An operation in full, as explain, test and diff know it.
struct Attempt {
  enum class Kind : std::uint8_t { open, create, remove, rename, link, exec, unix_socket, network };
  Kind kind = Kind::open;
  bool read = false;          // open
  bool write = false;         // open
  FileFacts file;             // all but network, and unix sockets that are abstract
  FileFacts target;           // rename, link: the new name
  bool replaces = false;      // rename: something has that name already
  std::string abstract_name;  // unix_socket
  ProgramFacts program;       // exec
  DestinationFacts destination;
  std::uint64_t touched = 0;
};

Attempt::Kind attempt_kind(OperationKind kind);

// The one decision. Everything the kernel side and the gatekeeper decide together.
RuleVerdict decide(const CompiledPolicy& policy, const Attempt& attempt);

// The same for open, create, remove, rename and link, whose walks are known already: `file` is what
// that of attempt.file found, `target` that of attempt.target. Of the facts only the paths count.
RuleVerdict decide_file(const CompiledPolicy& policy, const Attempt& attempt,
                        const stayd_node& file, const stayd_node& target);

// Returns the name of the default that decides where no rule does, such as "files.default".
const char* default_rule_text(Attempt::Kind kind);

// The rule that decided, in words; where no rule did, the default, such as "files.default".
std::string rule_text(const CompiledPolicy& policy, Attempt::Kind kind,
                      const RuleVerdict& rule_verdict);

}  // namespace stayd
