// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "channels/terminal/ticket_text.h"
#include "ctl/answer.h"
#include "ctl/client.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

Result<TicketId> ticket_id(const std::string& text) {
  TicketId id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc{} && end == text.data() + text.size()) return id;
  return Error{"'" + escape(text, 80) + "' is not the id of a ticket; see: stayctl list"};
}

Result<nlohmann::json> fetch(Client& client, TicketId id) {
  return client.request("GET", "/v1/tickets/" + std::to_string(id));
}

void print_card(const nlohmann::json& ticket, const Console& console) {
  console.out << terminal::ticket_card(ticket, now_ms(), console.width, console.colour);
}

// A time or a number of uses without a scope is the workload's.
Scope scope_of(const Arguments& arguments) {
  if (arguments.scope == "process") return Scope::process;
  if (arguments.scope == "workload") return Scope::workload;
  const bool limited = arguments.grant_for.count() > 0 || arguments.uses > 0;
  return arguments.scope.empty() && limited ? Scope::workload : Scope::once;
}

int answer(const Arguments& arguments, const Console& console, Choice choice) {
  const Result<TicketId> id = ticket_id(arguments.operands[0]);
  if (!id) return console.fail(id.error(), kExitUsage);
  Client client(arguments.socket_path);
  const Result<nlohmann::json> ticket = fetch(client, *id);
  if (!ticket) return console.fail(ticket.error());
  if (!arguments.json) print_card(*ticket, console);

  const auto digest = ticket->find("digest");
  if (digest == ticket->end() || !digest->is_string())
    return console.fail(Error{"stayd sent a ticket without a digest"});
  Decision decision;
  decision.ticket = *id;
  decision.digest = digest->get<std::string>();
  decision.choice = choice;
  decision.scope = scope_of(arguments);
  decision.grant_for = arguments.grant_for;
  decision.uses = arguments.uses;
  decision.propose_rule = arguments.propose_rule;
  decision.reason = arguments.reason;
  const Result<nlohmann::json> after = send_decision(client, decision);
  if (!after) return console.fail(after.error());
  console.out << (arguments.json ? dump(*after) : "\n" + describe_outcome(*after)) << '\n';
  return kExitOk;
}

}  // namespace

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

int run_list(const Arguments& arguments, const Console& console) {
  const Result<nlohmann::json> list =
      Client(arguments.socket_path)
          .request("GET", arguments.all ? "/v1/tickets?all=1" : "/v1/tickets");
  if (!list) return console.fail(list.error());
  const auto tickets = list->find("tickets");
  if (tickets == list->end() || !tickets->is_array())
    return console.fail(Error{"stayd sent no list of tickets"});
  if (arguments.json) {
    console.out << dump(*tickets) << '\n';
    return kExitOk;
  }
  if (tickets->empty()) {
    console.out << (arguments.all ? "There are no tickets.\n" : "Nothing is waiting.\n");
    return kExitOk;
  }
  console.out << terminal::ticket_line_header(console.width, console.colour);
  for (const nlohmann::json& ticket : *tickets)
    console.out << terminal::ticket_line(ticket, now_ms(), console.width, console.colour);
  return kExitOk;
}

int run_show(const Arguments& arguments, const Console& console) {
  const Result<TicketId> id = ticket_id(arguments.operands[0]);
  if (!id) return console.fail(id.error(), kExitUsage);
  Client client(arguments.socket_path);
  const Result<nlohmann::json> ticket = fetch(client, *id);
  if (!ticket) return console.fail(ticket.error());
  if (arguments.json)
    console.out << dump(*ticket) << '\n';
  else
    print_card(*ticket, console);
  return kExitOk;
}

int run_approve(const Arguments& arguments, const Console& console) {
  return answer(arguments, console, Choice::approve);
}

int run_put_off(const Arguments& arguments, const Console& console) {
  const Result<TicketId> id = ticket_id(arguments.operands[0]);
  if (!id) return console.fail(id.error(), kExitUsage);
  if (arguments.grant_for.count() == 0)
    return console.fail(Error{"say for how long: stayctl put-off ID --for 15m"}, kExitUsage);
  const Result<nlohmann::json> after =
      Client(arguments.socket_path)
          .request("POST", "/v1/tickets/" + std::to_string(*id) + "/put-off",
                   {{"seconds", arguments.grant_for.count()}});
  if (!after) return console.fail(after.error());
  console.out << (arguments.json ? dump(*after)
                                 : "ticket " + std::to_string(*id) +
                                       " is put off; it still waits, and others may answer")
              << '\n';
  return kExitOk;
}

int run_deny(const Arguments& arguments, const Console& console) {
  if (arguments.reason.empty())
    return console.fail(Error{"say why: stayctl deny ID --reason TEXT"}, kExitUsage);
  return answer(arguments, console, Choice::deny);
}

}  // namespace stayd
