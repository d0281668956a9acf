// SPDX-License-Identifier: Apache-2.0
#include "ctl/answer.h"

#include <charconv>

#include "base/escape.h"
#include "base/json.h"
#include "channels/terminal/text.h"
#include "presentation/ticket_presentation.h"

namespace stayd {

Result<TicketId> ticket_id(const std::string& text) {
  TicketId id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc{} && end == text.data() + text.size()) return id;
  return Error{"'" + escape(text, 80) + "' is not the id of a ticket; see: stayctl list"};
}

Operand ticket_operand(TicketId& to) {
  return {"ID", [&to](const std::string& word) -> Result<> {
            const Result<TicketId> id = ticket_id(word);
            if (!id) return id.error();
            to = *id;
            return {};
          }};
}

Result<nlohmann::json> fetch_ticket(Client& client, TicketId id) {
  return client.request("GET", "/v1/tickets/" + std::to_string(id));
}

void print_card(const nlohmann::json& ticket, const Console& console, terminal::Detail detail) {
  console.out << terminal::ticket_card(ticket, now_ms(), console.width, console.colour, detail);
}

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
  const TicketFacts facts = facts_of(ticket);
  return ("ticket " + number(facts.id) + " " + result_of(facts)).str();
}

int answer_ticket(Decision decision, const Console& console) {
  Client client(console.socket_path);
  const Result<nlohmann::json> ticket = fetch_ticket(client, decision.ticket);
  if (!ticket) return console.fail(ticket.error());
  if (!console.json) print_card(*ticket, console);
  const auto digest = ticket->find("digest");
  if (digest == ticket->end() || !digest->is_string())
    return console.fail(Error{"stayd sent a ticket without a digest"});
  decision.digest = digest->get<std::string>();
  const Result<nlohmann::json> after = send_decision(client, decision);
  if (!after) return console.fail(after.error());
  return console.answer(*after, "\n" + describe_outcome(*after));
}

}  // namespace stayd
