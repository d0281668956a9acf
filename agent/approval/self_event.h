// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "approval/denial_reason.h"
#include "policy/rule_reference.h"
#include "tickets/refusals.h"
#include "tickets/ticket.h"

namespace stayd {

// Something that happened to an operation of a workload, as the workload may read it on self.sock.
// Every text is escaped and bounded: at most 3 KiB altogether.
struct SelfEvent {
  enum class What : std::uint8_t {
    denied,    // it did not happen
    held,      // it waits for a person
    lingers,   // nobody waits for it any more, and people are still asked: for the next attempt
    approved,  // it went on, or will when it is tried again
  };
  What what = What::denied;
  std::uint64_t seq = 0;  // its place among what the workload was told; SelfEvents gives it
  TimePoint time{};
  std::int32_t process = 0;
  std::string program;      // that asked; empty: it could not be found out
  std::string operation;    // "open", …
  std::string object;       // path or endpoint, as the host knows it
  std::string command;      // exec: the arguments as one line
  std::string reason;       // denied: the word of a DenialReason
  std::string detail;       // what a person said, or what kept stayd from judging
  std::string by;           // who answered, to show; empty: nobody
  RuleReference rule;       // without a text: no rule has to do with it, or it is not known
  TicketId ticket = 0;      // 0: there was none
  std::uint64_t times = 1;  // in a row
  // Of what is asked about: until when it can be answered. Of what was denied when nobody waited:
  // until when it is denied at once. Of what was approved then: until when the next attempt passes.
  std::optional<TimePoint> until;
  // Of what is asked about, these are the groups; without any, everybody may answer who is allowed
  // to.
  std::optional<std::vector<std::string>> asked;
  std::string advice;
  Retry retry = Retry::never;
};

// {event, seq, time, process, program, operation, object, reason, detail, by, rule, ticket, times,
// advice, retry}, and command, until or asked where they say something.
nlohmann::json to_json(const SelfEvent& event);

// An operation that was denied without a question; `detail` says why it could not be judged.
SelfEvent denied_event(const Operation& operation, DenialReason why, const RuleReference& rule,
                       std::string_view detail = {});
SelfEvent denied_event(const DeniedUnasked& denied, TimePoint time);
// One that an earlier answer of a person denies at once.
SelfEvent denied_event(const Operation& operation, const Refusal& refusal,
                       const RuleReference& rule);
// One that a grant lets through, and whose call could not wait for that.
SelfEvent approved_event(const Operation& operation, TicketId ticket, const RuleReference& rule);
// An open ticket as it is: its operation waits, lingers, or could not wait.
SelfEvent open_event(const Ticket& ticket, const RuleReference& rule);
// A thread of an open ticket was denied without an answer: `left` is `traced` or `unattended`.
SelfEvent thread_denied_event(const Ticket& ticket, const RuleReference& rule, HoldEnd left,
                              TimePoint time);
SelfEvent ended_event(const Ticket& ticket, const RuleReference& rule, HoldEnd left);

}  // namespace stayd
