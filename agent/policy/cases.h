// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/pack.h"
#include "policy/policy.h"

namespace stayd {

// The verdicts that are expected of a policy, kept beside it as NAME.test.yaml:
//
//   policy: support-agent.yaml                  or a whole policy: {policy: x, use: [git], …}
//   home: /home/dev                            optional: what "~" stands for; $uid is 1000
//   links:                                     optional: names that lead elsewhere, as symbolic
//     /srv/current: /srv/customers             links and bind mounts do
//   cases:
//     - do: open:/srv/customers/list.csv:read    see attempt.h
//       expect: hold
//       rule: customer-data                      optional: a part of the winning rule's text
//       touched: [customer-data]                 optional: labels that were read before
//       sha256: HEX                              optional: of the program's content
struct Case {
  std::string attempt;
  Verdict expected = Verdict::deny;
  std::string rule;
  std::vector<std::string> touched;
  std::optional<Sha256> sha256;
  Position at;
};

struct CaseFile {
  std::string file;                                        // as given, for messages
  std::string policy;                                      // a file in the same directory …
  std::optional<YamlNode> written;                         // … or what is written here
  std::string home;                                        // empty: /home/USER
  std::vector<std::pair<std::string, std::string>> links;  // from, to
  std::vector<Case> cases;
};

// Strict, like the policy's own parser.
Result<CaseFile> parse_cases(std::string_view text, std::string_view file_name);
Result<CaseFile> load_cases(const std::string& path);

// The policy that the cases are about.
Result<Policy> policy_of(const CaseFile& cases, const PackSource& packs);

struct CaseReport {
  std::size_t passed = 0;
  std::vector<std::string> failures;  // "FILE:LINE:COLUMN: what was expected, what came"
  // The policy's own rules, and those of packs that a policy written here uses, by which no case is
  // decided.
  std::vector<Rule> undecided;
};

// None of the files that the policy names has to exist. Error: the policy is not valid.
Result<CaseReport> run_cases(const CaseFile& cases, const Policy& policy);

}  // namespace stayd
