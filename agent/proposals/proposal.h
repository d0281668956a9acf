// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "policy/pack.h"
#include "policy/policy.h"
#include "tickets/ticket.h"

namespace stayd {

struct Proposal {
  std::string text;   // a whole policy: what is there now, and the rules
  std::string rules;  // in words, for the record: "files.read.allow: /srv/x"
};

// All that a policy depends on besides its text.
struct ProposalHost {
  PackSource packs;
  // The policy for the ticket's workload, see for_cgroup_user().
  std::function<Result<Policy>(const Policy&)> for_workload;
};

// A policy that would allow what the ticket asked about, or the narrowest that the language has,
// with the evidence as comments, for a person to look at. `policy_text` is the ticket's policy as
// it is now, from `policy_file`. Tried before it is given out: the error says why no such rule
// would let the operation pass.
Result<Proposal> propose(const Ticket& ticket, const std::string& policy_text,
                         const std::string& policy_file, const ProposalHost& host, TimePoint now);

}  // namespace stayd
