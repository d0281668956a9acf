// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "context/evidence.h"
#include "context/operation.h"
#include "identity/people.h"
#include "policy/policy.h"
#include "tickets/desk_limits.h"

namespace stayd {

using TicketId = std::uint64_t;

// The end of a ticket. `open` is the only state that is not an outcome.
enum class Outcome : std::uint8_t {
  open,
  approved,
  denied,
  expired,      // the time was up: nobody said no
  no_approver,  // nobody could have answered
  cancelled,    // the callers went away
  superseded,   // the object changed
};
const char* to_string(Outcome outcome);

enum class Choice : std::uint8_t { approve, deny };

// One person's answer to one ticket, as it was shown to them.
struct Decision {
  TicketId ticket = 0;
  std::string digest;  // of the ticket as shown; must match
  Choice choice = Choice::deny;
  // Only meaningful for an approval:
  Scope scope = Scope::once;
  std::chrono::seconds grant_for{0};  // process, workload; zero: until it ends
  std::int64_t uses = 0;              // of the grant; zero: any number
  bool propose_rule = false;          // also write a policy change for review
  bool break_glass = false;           // by root, past everybody who would have to be asked
  std::string reason;                 // may be empty for approve
  PersonId person;                    // whose account answered
  std::string name;                   // theirs, to show
  std::string account;                // "unix:1000"; see identity/account.h
  std::vector<PersonId> behind;       // who else that may be: the login session of a root shell
  std::string channel;                // "terminal"
};

// Somebody who must not answer, and the word for why.
struct Excluded {
  PersonId person;
  std::string why;  // "owns the workload"
  bool operator==(const Excluded&) const = default;
};

// Something that happened to a ticket, in our own words and people's names.
struct TicketEvent {
  TimePoint time{};
  std::string what;  // "approved by Alice Ng (1 of 2)"
};

// The question put to people. What is shown (everything down to `opened` and `deadline`) never
// changes while it waits, so that a digest of it can bind a decision.
struct Ticket {
  static constexpr std::size_t kMaxEvents = 64;
  static constexpr std::size_t kMaxAlso = 16;

  TicketId id = 0;
  bool flood = false;        // asks whether the workload may raise more tickets; holds nothing
  bool asked_ahead = false;  // opened before anything was tried, by what the workload asked for …
  std::string stated_reason;  // … for this reason, in its own words; its bytes
  Operation operation;        // of the first hold; later identical ones join
  std::string workload;       // cgroup path of the workload
  std::string policy;         // name of the policy
  std::string rule;           // the rule that held it, in words
  RuleClass rule_class = RuleClass::none;
  // connect, send: what stayd was told that the address is called, at most Surroundings::kMaxNames.
  // Attempts at other addresses that have all of these names join, and are in `also`.
  std::vector<std::string> names;
  std::uint64_t directory = 0;  // the inode of what an approval of scope directory is for; 0: none
  std::vector<Scope> scopes;    // besides `once`, that an approval may have
  Evidence evidence;
  std::uint32_t quorum = 1;
  std::vector<Excluded> excluded;
  TimePoint opened{};
  TimePoint deadline{};
  std::string digest;  // hex SHA-256 of what is shown

  std::vector<std::string> asked;              // groups; empty: everybody who may answer
  std::vector<Escalation> escalations;         // still to come, counted from `opened`
  std::vector<HoldId> holds;                   // waiting now; empty for "cannot wait"
  bool cannot_wait_joined = false;             // an approval leaves a grant for a later try
  std::optional<std::chrono::seconds> linger;  // see Approval::linger
  std::optional<TimePoint> caller_left;        // it lingers: nobody has waited since then
  std::uint64_t joined = 1;                    // attempts so far, the first included
  std::vector<Endpoint> also;                  // at most kMaxAlso
  // The names of the address by the workload's word: nothing is decided by them. The workload's
  // bytes, at most Surroundings::kMaxNames.
  std::vector<std::string> called;
  std::vector<std::string> sets_off;  // what becomes stricter if it goes on, in words of ours
  std::vector<Decision> decisions;    // approvals so far; the last may be a denial
  std::vector<std::pair<PersonId, TimePoint>> snooze;  // "not now", until when
  std::vector<TicketEvent> history;                    // at most kMaxEvents
  Outcome outcome = Outcome::open;
  std::optional<TimePoint> closed;
};

// True if there is nobody whom an approval lets go: it is for the next attempt.
inline bool is_for_next_attempt(const Ticket& ticket) {
  return ticket.cannot_wait_joined || ticket.caller_left.has_value();
}

// Until when an open ticket can be answered: its deadline, or sooner if it lingers.
TimePoint answerable_until(const Ticket& ticket);
// Returns when something has to be done about an open ticket: the next escalation, or the end of
// that time.
TimePoint due_at(const Ticket& ticket);

// Until when an approval that is given at `now` waits for the next attempt: for as long as the
// question could have waited for the approval, but at least for DeskLimits::retry_within and at
// most for DeskLimits::longest_grant.
TimePoint next_attempt_until(const Ticket& ticket, TimePoint now, const DeskLimits& limits = {});

// Adds to the history, unless it is full.
void note(Ticket& ticket, TimePoint now, std::string what);
// Unless the history says it already: what a workload can bring about again and again must not
// fill the history.
void note_once(Ticket& ticket, TimePoint now, const char* what);

// The decision that ended the ticket; nullptr if none did.
const Decision* final_decision(const Ticket& ticket);

}  // namespace stayd
