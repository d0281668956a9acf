// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "ctl/answer.h"
#include "ctl/command.h"

namespace stayd {
namespace {

struct Options {
  TicketId ticket = 0;
  bool details = false;
};

int run(const Options& options, const Console& console) {
  Client client(console.socket_path);
  const Result<nlohmann::json> ticket = fetch_ticket(client, options.ticket);
  if (!ticket) return console.fail(ticket.error());
  if (console.json)
    console.out << dump(*ticket) << '\n';
  else
    print_card(*ticket, console,
               options.details ? terminal::Detail::full : terminal::Detail::brief);
  return kExitOk;
}

}  // namespace

Command show_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "show",
          .summary = "show one ticket",
          .operands = {ticket_operand(options->ticket)},
          .options = {flag("--details", "all that is known of it", options->details)},
          .run = with(options, run)};
}

}  // namespace stayd
