// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tickets/effects.h"
#include "tickets/ticket.h"

// The lines of the record. Each has `time` (RFC 3339, UTC), `event` and the ids that join it
// to others: `ticket`, `hold`, `workload_id`. Strings are escaped; those of an operation are
// whole, because the record looks for secrets in them before it cuts them.
namespace stayd::audit {

// "operation": one that raised no ticket. `rule` says in words why not.
nlohmann::json operation(const Operation& operation, std::string_view rule,
                         RuleClass rule_class = RuleClass::none);
// The same for one that was answered at once, by what somebody has said to that earlier ticket, so
// that it is part of the ticket's story: besides `ticket` and `allow`, and by which `grant`.
// `grant` 0: it was refused.
nlohmann::json answered(const Operation& operation, std::string_view rule, RuleClass rule_class,
                        TicketId ticket, GrantId grant);

// "ticket_opened" shows the whole ticket; "hold_joined" an identical hold after it;
// "ticket_closed" how it ended, and by whose decision if it was one.
nlohmann::json opened(const Ticket& ticket);
nlohmann::json joined(const Ticket& ticket, HoldId hold, TimePoint time);
nlohmann::json closed(const Ticket& ticket);

// "ticket_event": something else that happened to it: an escalation, one approval of several.
nlohmann::json happened(const Ticket& ticket, const TicketEvent& event, TimePoint time);

// "decision": accepted, and about to be carried out; `how` "recovered": after a crash.
// "decision_refused": and why. `workload` is the ticket's, empty if there is no such ticket.
nlohmann::json decided(const Decision& decision, std::string_view workload, TimePoint time,
                       std::string_view how = "");
nlohmann::json decision_refused(const Decision& decision, std::string_view workload,
                                std::string_view why, TimePoint time);

// "released", "granted", "grant_ended", "refused": what the desk asked for.
nlohmann::json released(const Release& release, TimePoint time);
nlohmann::json granted(const Grant& grant, TimePoint time);
nlohmann::json grant_ended(const GrantEnded& ended, TimePoint time);
nlohmann::json refused(const Refused& refused, TimePoint time);

// "rule_proposed": somebody who approved the ticket wants a rule that would have: `rules` in
// `file`, to be looked at; or, with `why`, there can be none.
nlohmann::json proposed(const Ticket& ticket, std::string_view rules, std::string_view file,
                        TimePoint time);
nlohmann::json not_proposed(const Ticket& ticket, std::string_view why, TimePoint time);

// "break_glass": root has put all questions of the workload aside until then.
nlohmann::json glass_broken(std::string_view cgroup, const Decision& who, TimePoint until,
                            TimePoint time);
// "intent": what the workload says that it is about to do.
nlohmann::json intent(std::string_view cgroup, const Intent& intent);

// "assigned": the cgroup is under the policy from now on, also when the policy changed.
// "unassigned": it is under none.
nlohmann::json assigned(std::string_view cgroup, std::string_view policy,
                        std::string_view policy_file, TimePoint time);
nlohmann::json unassigned(std::string_view cgroup, TimePoint time);

// "touched": the workload has read from these labels for the first time.
nlohmann::json touched(std::string_view cgroup, const std::vector<std::string>& labels, int process,
                       TimePoint time);
// "left_out": operations that were refused, or went on, faster than they could be recorded.
nlohmann::json left_out(std::uint64_t operations, TimePoint time);
// "killed": a program whose arguments were not those that were judged.
nlohmann::json killed(int process, TimePoint time);

// "started" with how operations are held back ("lsm", "fmod_ret"); "stopped".
nlohmann::json started(std::string_view enforcement, TimePoint time);
nlohmann::json stopped(TimePoint time);

}  // namespace stayd::audit
