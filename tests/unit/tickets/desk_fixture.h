// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "support/operation_builder.h"
#include "tickets/desk.h"

namespace stayd::test {

inline const TicketContext kContext{.workload = "/ai.slice/support-agent.service",
                                    .policy = "support-agent",
                                    .rule = "files: default hold",
                                    .approval = {},
                                    .excluded = {},
                                    .evidence = {}};
// A ticket ends with whoever waits for it.
inline TicketContext without_lingering() {
  TicketContext context = kContext;
  context.approval.linger = std::chrono::seconds(0);
  return context;
}
inline const People kAnybody = People::without_file();

inline Decision answer(const Ticket& ticket, Choice choice, std::string reason = "") {
  return {.ticket = ticket.id,
          .digest = ticket.digest,
          .choice = choice,
          .reason = std::move(reason),
          .person = "unix:1000",
          .name = "alice",
          .account = "unix:1000",
          .behind = {},
          .channel = "terminal"};
}
inline Decision approval(const Ticket& ticket) { return answer(ticket, Choice::approve); }
inline Decision denial(const Ticket& ticket) {
  return answer(ticket, Choice::deny, "not this quarter");
}

template <class T>
std::vector<T> only(const Effects& effects) {
  std::vector<T> found;
  for (const Effect& effect : effects) {
    if (const T* match = std::get_if<T>(&effect)) found.push_back(*match);
  }
  return found;
}

}  // namespace stayd::test
