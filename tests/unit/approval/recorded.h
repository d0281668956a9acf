// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "approval/kernel_actions.h"

namespace stayd::test {

// What the kernel side would have been told.
class Told final : public KernelActions {
 public:
  void release(const Release& release) override { releases.push_back(release); }
  Result<> grant(const Grant& grant) override {
    grants[grant.id] = grant;
    return {};
  }
  void revoke(const Grant& grant) override { grants.erase(grant.id); }
  std::optional<std::int64_t> uses_left(const Grant& grant) override {
    const auto found = grants.find(grant.id);
    if (found == grants.end()) return std::nullopt;
    return found->second.uses;
  }
  bool lives(const ProcessInstance& process) override { return process.pid != dead; }

  std::vector<Release> releases;
  std::map<GrantId, Grant> grants;
  std::int32_t dead = 0;
};

}  // namespace stayd::test
