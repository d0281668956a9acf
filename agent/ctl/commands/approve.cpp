// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>

#include "base/yaml.h"
#include "ctl/answer.h"
#include "ctl/command.h"

namespace stayd {
namespace {

struct Options {
  TicketId ticket = 0;
  std::chrono::seconds grant_for{0};  // zero: no time limit
  std::optional<Scope> scope;         // nothing: by grant_for and uses
  std::int64_t uses = 0;              // zero: any number
  bool propose_rule = false;
  std::string reason;
};

Option scope_option(std::optional<Scope>& to) {
  return {"--scope", "SCOPE",
          "what the approval covers: once, process, workload, directory, host or rule",
          [&to](const std::string& value) -> Result<> {
            to = parse_scope(value);
            if (to) return {};
            return Error{stayd::in_quotes(value) +
                         " is not once, process, workload, directory, host or rule"};
          }};
}

Option uses_option(std::int64_t& to) {
  return {"--uses", "N", "how many times the grant may be used",
          [&to](const std::string& value) -> Result<> {
            const char* end = value.data() + value.size();
            const auto [stopped, error] = std::from_chars(value.data(), end, to);
            if (error != std::errc{} || stopped != end || to < 1)
              return Error{stayd::in_quotes(value) + " is not a number of uses"};
            return {};
          }};
}

// A time or a number of uses without a scope is the workload's.
Scope scope_of(const Options& options) {
  const bool limited = options.grant_for.count() > 0 || options.uses > 0;
  return options.scope.value_or(limited ? Scope::workload : Scope::once);
}

int run(const Options& options, const Console& console) {
  Decision decision;
  decision.ticket = options.ticket;
  decision.choice = Choice::approve;
  decision.scope = scope_of(options);
  decision.grant_for = options.grant_for;
  decision.uses = options.uses;
  decision.propose_rule = options.propose_rule;
  decision.reason = options.reason;
  return answer_ticket(std::move(decision), console);
}

}  // namespace

Command approve_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "approve",
          .summary = "let the operation proceed",
          .operands = {ticket_operand(options->ticket)},
          .options = {time_option("--for", "also allow repeats for this long", options->grant_for),
                      scope_option(options->scope), uses_option(options->uses),
                      flag("--propose-rule", "also draft a policy change for review",
                           options->propose_rule),
                      text_option("--reason", "TEXT", "why; it is kept with the decision",
                                  options->reason)},
          .run = with(options, run)};
}

}  // namespace stayd
