// SPDX-License-Identifier: Apache-2.0
#include "ctl/answer.h"

#include "channels/terminal/text.h"
#include "channels/terminal/ticket_view.h"

namespace stayd {

Result<nlohmann::json> send_decision(Client& client, const Decision& decision) {
  const bool approve = decision.choice == Choice::approve;
  nlohmann::json body = {{"choice", approve ? "approve" : "deny"}, {"digest", decision.digest}};
  if (decision.grant_for.count() > 0) body["for_seconds"] = decision.grant_for.count();
  if (!decision.reason.empty()) body["reason"] = decision.reason;
  return client.request("POST", "/v1/tickets/" + std::to_string(decision.ticket) + "/decision",
                        body);
}

std::string describe_outcome(const nlohmann::json& ticket) {
  const terminal::TicketView view = terminal::view_of(ticket);
  const std::string name = "ticket " + std::to_string(view.id) + " ";
  if (view.outcome == "denied") return name + "denied: the operation fails with EPERM";
  if (view.outcome != "approved") return name + "is now: " + view.outcome;
  std::string text = name + (view.cannot_wait ? "approved: the next try goes on"
                                              : "approved: the operation goes on");
  if (view.decision && view.decision->grant_for_s > 0)
    text += ", and so does the same again for " +
            terminal::duration_text(view.decision->grant_for_s * 1000);
  return text;
}

}  // namespace stayd
