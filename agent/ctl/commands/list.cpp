// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "channels/terminal/ticket_text.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

struct Options {
  bool all = false;
};

int run(const Options& options, const Console& console) {
  const Result<nlohmann::json> list =
      Client(console.socket_path).request("GET", options.all ? "/v1/tickets?all=1" : "/v1/tickets");
  if (!list) return console.fail(list.error());
  const auto tickets = list->find("tickets");
  if (tickets == list->end() || !tickets->is_array())
    return console.fail(Error{"stayd sent no list of tickets"});
  if (console.json || tickets->empty())
    return console.answer(*tickets, options.all ? "There are no tickets." : "Nothing is waiting.");
  console.out << terminal::ticket_line_header(console.width, console.colour);
  for (const nlohmann::json& ticket : *tickets)
    console.out << terminal::ticket_line(ticket, now_ms(), console.width, console.colour);
  return kExitOk;
}

}  // namespace

Command list_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "list",
          .summary = "list open tickets",
          .options = {flag("--all", "include closed tickets", options->all)},
          .run = with(options, run)};
}

}  // namespace stayd
