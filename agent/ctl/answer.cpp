// SPDX-License-Identifier: Apache-2.0
#include "ctl/answer.h"

#include "channels/terminal/text.h"
#include "channels/terminal/ticket_view.h"

namespace stayd {

Result<nlohmann::json> send_decision(Client& client, const Decision& decision) {
  const bool approve = decision.choice == Choice::approve;
  nlohmann::json body = {{"choice", approve ? "approve" : "deny"}, {"digest", decision.digest}};
  if (decision.scope != Scope::once) body["scope"] = to_string(decision.scope);
  if (decision.grant_for.count() > 0) body["for_seconds"] = decision.grant_for.count();
  if (decision.uses > 0) body["uses"] = decision.uses;
  if (decision.propose_rule) body["propose_rule"] = 1;
  if (!decision.reason.empty()) body["reason"] = decision.reason;
  return client.request("POST", "/v1/tickets/" + std::to_string(decision.ticket) + "/decision",
                        body);
}

std::string describe_outcome(const nlohmann::json& ticket) {
  const terminal::TicketView view = terminal::view_of(ticket);
  const std::string name = "ticket " + std::to_string(view.id) + " ";
  if (view.outcome == "denied") return name + "denied: the operation fails with EPERM";
  if (view.is_open())
    return name + "has " + std::to_string(view.approvals) + " of " + std::to_string(view.quorum) +
           " approvals: it still waits";
  if (view.outcome != "approved") return name + "is now: " + view.outcome;
  if (view.flood) return name + "approved: the workload may raise as many tickets more";
  std::string text = name + (view.cannot_wait ? "approved: the next try goes on"
                                              : "approved: the operation goes on");
  if (view.decision) text += terminal::grant_text(*view.decision);
  return text;
}

}  // namespace stayd
