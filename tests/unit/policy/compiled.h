// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "policy/attempt.h"
#include "policy/parser.h"
#include "policy/path_tree.h"

namespace stayd {

// Parses `sections`; those that are missing get a default of allow.
inline Policy policy_of(std::string sections) {
  for (const char* name : {"network", "files", "exec"}) {
    if (("\n" + sections).find("\n" + std::string(name) + ":") == std::string::npos) {
      sections += std::string(name) + ": {default: allow}\n";
    }
  }
  Result<Policy> policy = parse_policy("policy: p\n" + sections, "p.yaml");
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? *policy : Policy{};
}

inline CompiledPolicy compiled(const std::string& sections, const PathResolver& resolve) {
  Result<CompiledPolicy> result = compile(policy_of(sections), resolve);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : CompiledPolicy{};
}

// What the policy says of an operation as policy/attempt.h writes it.
inline RuleVerdict judged(const std::string& sections, const std::string& operation,
                          const std::vector<std::string>& touched = {}) {
  PathTree tree;
  const Policy policy = policy_of(sections);
  Result<CompiledPolicy> result = compile(policy, tree.resolver());
  EXPECT_TRUE(result) << result.error().message;
  Result<Attempt> attempt = parse_attempt(operation, tree);
  EXPECT_TRUE(attempt) << attempt.error().message;
  if (!result || !attempt) return {};
  Result<std::uint64_t> mask = touched_mask(policy, *result, touched);
  EXPECT_TRUE(mask);
  attempt->touched = mask ? *mask : 0;
  return decide(*result, *attempt);
}

inline Verdict verdict(const std::string& sections, const std::string& operation,
                       const std::vector<std::string>& touched = {}) {
  return judged(sections, operation, touched).verdict;
}

}  // namespace stayd
