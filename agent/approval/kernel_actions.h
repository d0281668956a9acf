// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "tickets/effects.h"

namespace stayd {

// Tells and asks the kernel side on the desk's behalf, on the desk's thread.
class KernelActions {
 public:
  virtual ~KernelActions() = default;

  virtual void release(const Release& release) = 0;
  virtual Result<> grant(const Grant& grant) = 0;
  virtual void revoke(const Grant& grant) = 0;
  // Nothing: the kernel side knows no such grant.
  virtual std::optional<std::int64_t> uses_left(const Grant& grant) = 0;
  virtual bool lives(const ProcessInstance& process) = 0;
};

}  // namespace stayd
