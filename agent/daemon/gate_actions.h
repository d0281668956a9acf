// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "approval/kernel_actions.h"
#include "base/time.h"
#include "context/operation.h"
#include "context/process.h"
#include "gate/gatekeeper.h"
#include "kernel/tables.h"

namespace stayd {

// Wall-clock time as the kernel side counts it. The clock being set between the two reads moves one
// expiry by as much, and never makes a closed one open.
std::uint64_t to_boot_ns(TimePoint time);

// Carries out what the approval service decides, in the kernel's tables and at the gatekeeper.
class GateActions final : public KernelActions {
 public:
  explicit GateActions(Tables& tables) : tables_(tables) {}
  void set_gatekeeper(Gatekeeper& gatekeeper) { gatekeeper_ = &gatekeeper; }

  void release(const Release& release) override;
  Result<> grant(const Grant& grant) override;
  void revoke(const Grant& grant) override { tables_.revoke(subject_of(grant)); }
  std::optional<std::int64_t> uses_left(const Grant& grant) override {
    return tables_.uses_left(subject_of(grant));
  }
  bool lives(const ProcessInstance& process) override { return stayd::lives(process); }

 private:
  static Tables::GrantSubject subject_of(const Grant& grant) {
    return {grant.workload, grant.process, grant.object};
  }

  Tables& tables_;
  Gatekeeper* gatekeeper_ = nullptr;
};

}  // namespace stayd
