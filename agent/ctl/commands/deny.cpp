// SPDX-License-Identifier: Apache-2.0
#include "ctl/answer.h"
#include "ctl/command.h"

namespace stayd {
namespace {

struct Options {
  TicketId ticket = 0;
  std::string reason;
};

int run(const Options& options, const Console& console) {
  Decision decision;
  decision.ticket = options.ticket;
  decision.choice = Choice::deny;
  decision.reason = options.reason;
  return answer_ticket(std::move(decision), console);
}

}  // namespace

Command deny_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "deny",
          .summary = "refuse the operation",
          .operands = {ticket_operand(options->ticket)},
          .options = {required(text_option("--reason", "TEXT", "why; it is kept with the decision",
                                           options->reason))},
          .run = with(options, run)};
}

}  // namespace stayd
