// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "approval/refusal.h"
#include "policy/rule_reference.h"
#include "tickets/ticket.h"

namespace stayd {

// Something that happened to an operation of a workload, as the workload may read it on self.sock.
// Every text is escaped and bounded: at most 3 KiB altogether.
struct SelfEvent {
  enum class What : std::uint8_t {
    denied,    // it did not happen
    held,      // it waits for a person, or could not wait and is asked about
    approved,  // it went on, or will when it is tried again
  };
  What what = What::denied;
  std::uint64_t seq = 0;  // its place among what the workload was told; SelfEvents gives it
  TimePoint time{};
  std::int32_t process = 0;
  std::string program;             // that asked; empty: it could not be found out
  std::string operation;           // "open", …
  std::string object;              // path or endpoint, as the host knows it
  std::string command;             // exec: the arguments as one line
  std::string reason;              // denied: the word of a Refusal
  std::string detail;              // what a person said, or what kept stayd from judging
  std::string by;                  // who answered, to show; empty: nobody
  RuleReference rule;              // without a text: no rule has to do with it, or it is not known
  TicketId ticket = 0;             // 0: there was none
  std::uint64_t times = 1;         // in a row
  std::optional<TimePoint> until;  // held
  std::optional<std::vector<std::string>> asked;  // held: groups; none: everybody who may answer
  std::string advice;
  Retry retry = Retry::never;
};

// {event, seq, time, process, program, operation, object, reason, detail, by, rule, ticket, times,
// advice, retry}, and command, until or asked where they say something.
nlohmann::json to_json(const SelfEvent& event);

// An operation that was denied without a question; `detail` says why it could not be judged.
SelfEvent denied_event(const Operation& operation, Refusal why, RuleReference rule,
                       std::string_view detail = {});
SelfEvent denied_event(const DeniedUnasked& denied, TimePoint time);
// A ticket that opens, or one that ended.
SelfEvent held_event(const Ticket& ticket, RuleReference rule);
SelfEvent ended_event(const Ticket& ticket, RuleReference rule, HoldEnd left);

}  // namespace stayd
