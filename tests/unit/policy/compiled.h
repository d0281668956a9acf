// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "policy/compiler.h"
#include "policy/parser.h"

namespace stayd {

// Compiles `sections`; those that are missing get a default of allow.
inline CompiledPolicy compiled(std::string sections, const PathResolver& resolve) {
  for (const char* name : {"network", "files", "exec"}) {
    if (sections.find(std::string(name) + ":") == std::string::npos) {
      sections += std::string(name) + ": {default: allow}\n";
    }
  }
  Result<Policy> policy = parse_policy("policy: p\n" + sections, "p.yaml");
  EXPECT_TRUE(policy) << policy.error().message;
  if (!policy) return {};
  Result<CompiledPolicy> result = compile(*policy, resolve);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : CompiledPolicy{};
}

}  // namespace stayd
