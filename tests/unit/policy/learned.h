// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "policy/draft_base.h"
#include "policy/workload_user.h"

namespace stayd {

inline constexpr Address kResolver{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 53};

// What a draft builds on, for the workload of dev, whose home is /home/dev.
inline std::shared_ptr<const DraftBase> draft_base(PacksSaid said, std::vector<Address> resolvers,
                                                   PackSource source = {}) {
  Result<std::shared_ptr<const DraftBase>> base =
      DraftBase::create({.packs = std::move(said),
                         .resolvers = std::move(resolvers),
                         .source = std::move(source),
                         .settle = [](const Policy& policy) {
                           return for_user(policy, {"/home/dev", 1000});
                         }});
  EXPECT_TRUE(base) << base.error().message;
  return base ? *base : nullptr;
}

}  // namespace stayd
