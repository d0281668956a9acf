// SPDX-License-Identifier: Apache-2.0
#include "ctl/answer.h"
#include "ctl/command.h"
#include "policy/values.h"

namespace stayd {
namespace {

struct Options {
  TicketId ticket = 0;
  std::chrono::seconds time{0};
};

int run(const Options& options, const Console& console) {
  const std::string id = std::to_string(options.ticket);
  const Result<nlohmann::json> after =
      Client(console.socket_path)
          .request("POST", "/v1/tickets/" + id + "/put-off", {{"seconds", options.time.count()}});
  if (!after) return console.fail(after.error());
  return console.answer(*after, "ticket " + id + " is put off for " + to_text(options.time) +
                                    "; it stays open, and others may answer it");
}

}  // namespace

Command put_off_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "put-off",
          .summary = "say that you will answer later",
          .operands = {ticket_operand(options->ticket)},
          .options = {required(
              time_option("--for", "how long until you look at it again", options->time))},
          .run = with(options, run)};
}

}  // namespace stayd
