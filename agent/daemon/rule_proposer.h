// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "approval/approval_service.h"
#include "intake/gate.h"
#include "policy/pack.h"
#include "proposals/proposal_files.h"

namespace stayd {

// Writes a rule for somebody to look at when an approval asks for one. Nothing changes by it. What
// comes of it is recorded. One thread; what it is given must outlive it.
class RuleProposer {
 public:
  RuleProposer(Gate& gate, ApprovalService& approvals, std::string directory, PackSource packs)
      : gate_(gate),
        approvals_(approvals),
        files_(std::move(directory)),
        packs_(std::move(packs)) {}

  void propose_for(const Ticket& ticket);
  // [{ticket, policy, file, written}], by ticket; strings escaped.
  nlohmann::json list() const;

 private:
  Gate& gate_;
  ApprovalService& approvals_;
  ProposalFiles files_;
  const PackSource packs_;
};

}  // namespace stayd
