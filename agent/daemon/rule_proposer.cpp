// SPDX-License-Identifier: Apache-2.0
#include "daemon/rule_proposer.h"

#include "audit/events.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "context/cgroup_user.h"
#include "policy/parser.h"
#include "policy/workload_user.h"
#include "proposals/proposal.h"
#include "workloads/workloads.h"

namespace stayd {

void RuleProposer::propose_for(const Ticket& ticket) {
  const WorkloadPtr workload = gate_.workload_at(ticket.workload);
  const std::string file = workload ? workload->policy.file : "";
  Result<std::string> text = workload ? read_policy_file(file) : Error{"its workload is gone"};
  const ProposalHost host{packs_, [&](const Policy& policy) {
                            return for_cgroup_user(policy,
                                                   uid_of_cgroup(kCgroupRoot, ticket.workload));
                          }};
  Result<Proposal> proposal =
      text ? propose(ticket, *text, file, host, wall_clock()) : Result<Proposal>(text.error());
  Result<std::string> written =
      proposal ? files_.write(ticket, proposal->text) : Result<std::string>(proposal.error());
  if (!written)
    log_warning("no rule is proposed of ticket {}: {}", ticket.id, escape(written.error().message));
  approvals_.note(written ? audit::proposed(ticket, proposal->rules, *written, wall_clock())
                          : audit::not_proposed(ticket, written.error().message, wall_clock()));
}

nlohmann::json RuleProposer::list() const {
  nlohmann::json result = nlohmann::json::array();
  for (const ProposalFiles::Entry& each : files_.list())
    result.push_back({{"ticket", each.ticket},
                      {"policy", each.policy},
                      {"file", escape(each.path)},
                      {"written", rfc3339(each.written)}});
  return result;
}

}  // namespace stayd
