// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "policy/rule_reference.h"
#include "tickets/coverage.h"
#include "tickets/desk_limits.h"
#include "tickets/effects.h"
#include "tickets/grants.h"
#include "tickets/object_key.h"
#include "tickets/refusals.h"
#include "tickets/ticket.h"

namespace stayd {

// The caller's knowledge of an operation that the kernel side does not have.
struct TicketContext {
  std::string workload;  // cgroup path
  std::string policy;
  std::string rule;  // in words
  RuleClass rule_class = RuleClass::none;
  Approval approval{};
  std::vector<Excluded> excluded{};
  Evidence evidence{};
  bool reachable = true;                // somebody who is asked, now or later, can get the question
  RuleReference reference{};            // to the rule, for the workload itself
  std::string stated_reason{};          // of what is asked in advance
  std::vector<std::string> names{};     // see Surroundings
  std::uint64_t directory = 0;          // see directory_inode()
  std::vector<std::string> called{};    // see Ticket
  std::vector<std::string> sets_off{};  // see Ticket

  // Without steps: they are only of use where a directory is granted.
  Surroundings surroundings() const { return {rule, rule_class, names, evidence.touched, {}}; }
};

// Turns holds into tickets and decisions into releases. A pure state machine: no input or
// output, time is an argument, one thread. Every ticket ends in exactly one outcome, every
// hold is released exactly once or goes away, and only people's approval releases one as
// allowed. Memory is bounded by DeskLimits.
//
// Pointers to tickets are valid until the next call that is not const; until then, too,
// find() knows every ticket that an effect names.
class Desk {
 public:
  explicit Desk(DeskLimits limits = {}) : limits_(limits) {}

  // Opens a ticket for a held, cannot_wait or asked_ahead operation, or joins the open one of the
  // same workload and object. A hold already known changes nothing, nor do other dispositions.
  // Beyond the workload's budget one ticket asks about the flood, and holds are denied. What is
  // asked in advance lingers from the beginning, until its deadline.
  Effects hold_raised(Operation operation, const TicketContext& context, TimePoint now);

  // True if hold_raised() at the operation's time would open no ticket, so that the operation
  // itself will not be shown and need not be described: hold_joined() will do.
  bool would_join(const Operation& operation, const Surroundings& around = {}) const;

  // hold_raised() for an operation that would_join(). If there is no such ticket after all, what
  // is held is judged again, and comes back: no ticket is opened that says nothing.
  Effects hold_joined(const Operation& operation, TimePoint now, const Surroundings& around = {});

  // Returns what people have said already of this very operation when nobody heard it: see Refusal.
  // nullptr: nothing. Valid until the next call that is not const.
  const Refusal* refusal_of(const Operation& operation) const;
  // The grant by directory, by host or by rule that lets it through; nullptr: none does. Valid
  // until the next call that is not const.
  const Grant* covering_grant(const Operation& operation, const Surroundings& around) const;

  // An operation that is answered at once, by what somebody has said to that ticket.
  struct Settled {
    TicketId ticket = 0;
    GrantId grant = 0;  // 0: it is refused
    Effects effects;
  };
  // True if settle() would answer it.
  bool would_settle(const Operation& operation, const Surroundings& around) const;
  // By a refusal or a grant; nothing: it has to be asked about. What cannot wait has been denied:
  // a grant leaves another one then, for the next attempt.
  std::optional<Settled> settle(const Operation& operation, const Surroundings& around,
                                TimePoint now);

  // The hold ended without an answer. A ticket whose last hold this was is superseded, or lingers:
  // it stays open for the next attempt, for as long as its policy says, and is then cancelled. One
  // that an operation which could not wait has joined stays as it is.
  Effects hold_gone(HoldId hold, TimePoint now, HoldEnd why = HoldEnd::caller_gone);

  // A decision that was found to count, at this revision of the desk.
  struct Accepted {
    Decision decision;
    std::uint64_t revision = 0;
  };

  // Accepts the decision if it counts, so that it can be stored and recorded before it takes
  // effect. The error is for the person who answered.
  Result<Accepted> check(Decision decision, const People& people, TimePoint now) const;
  // Puts into effect what check() accepted. After an error nothing has changed: the desk has
  // changed since, or the ticket's time is up.
  Result<Effects> apply(const Accepted& accepted, TimePoint now);
  // Both, for a decision that is stored already.
  Result<Effects> decide(const Decision& decision, const People& people, TimePoint now);

  // "Not now": nobody is denied anything, the ticket only says so. `until`: then the person
  // is asked again.
  Result<Effects> snooze(TicketId ticket, const Decision& who, const People& people,
                         TimePoint until, TimePoint now);

  // Expires and escalates what is due. Due by next_deadline(); sooner does nothing.
  Effects tick(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  // The workload is no longer under a policy: its tickets are cancelled, its holds denied,
  // its grants end.
  Effects workload_released(WorkloadId workload, TimePoint now);

  // Its callers are gone for good: the host has been started anew.
  Effects cancelled(TicketId ticket, TimePoint now);
  // Nobody could answer: holds are denied.
  Effects no_approver(TicketId ticket, TimePoint now);
  // The facts that were shown have changed: holds are judged again.
  Effects superseded(TicketId ticket, TimePoint now);
  // The workload is under another policy now: all its tickets are superseded, its grants end.
  Effects policy_changed(WorkloadId workload, TimePoint now);
  // The same policy is about other files now: the same, but grants by directory, by host and by
  // rule go on.
  Effects places_changed(WorkloadId workload, TimePoint now);

  // Everything that the workload waits for, and will wait for until then, goes on by root's word
  // alone: `decision` is the pattern, its ticket and digest are filled in.
  Effects break_glass(WorkloadId workload, const Decision& decision, TimePoint until,
                      TimePoint now);

  Result<Effects> revoke(GrantId grant, const PersonId& by);
  Effects grant_ended(GrantId grant, GrantEnd why);
  const Grants& grants() const { return grants_; }

  // Takes what an earlier agent knew, before anything else happens. Tickets may be open or closed.
  void restore(Ticket ticket);
  // With the refusals among the tickets that were restored: those of this boot.
  void restore_refusals();
  void restore(const Grant& grant) { grants_.restore(grant); }
  void start_after(TicketId last_ticket, GrantId last_grant);

  TicketId newest() const { return last_id_; }  // 0: none was ever opened
  TicketId open_about(const Operation& operation, const Surroundings& around = {})
      const;                                            // the same operation; 0: none is open
  const Ticket* find(TicketId ticket) const;            // open or recently closed
  std::vector<const Ticket*> open_tickets() const;      // oldest first
  std::vector<const Ticket*> closed_tickets() const;    // closed last first, at most closed_kept
  std::uint64_t revision() const { return revision_; }  // raised by each change

 private:
  struct Glass {
    Decision decision;
    TimePoint until{};
  };
  struct WorkloadState {
    std::size_t open = 0;
    std::size_t lingering = 0;   // of them, those for which nobody waits any more
    std::size_t extra = 0;       // budget granted on top
    bool flooding = false;       // and it has been said
    TicketId flood = 0;          // the open ticket about it
    TimePoint no_flood_until{};  // it was denied: not asked again before
  };
  using OpenTickets = std::map<TicketId, Ticket>;

  Result<> check_reason(const Decision& decision) const;
  Result<> check_grant(const Ticket& ticket, const Decision& decision) const;
  bool begin_raising(const Operation& operation, TimePoint now, Effects& effects);
  bool has_room(const Operation& operation, bool needs_ticket, Effects& effects);
  void make_room(WorkloadId workload, TimePoint now, Effects& effects);
  Ticket make_ticket(Operation operation, const TicketContext& context, TimePoint now);
  void open_ticket(Ticket ticket, Effects& effects);
  void ask_about_flood(const Operation& operation, const TicketContext& context, TimePoint now,
                       Effects& effects);
  void index(const Ticket& ticket);
  void forget_host(const Ticket& ticket);
  void join(Ticket& ticket, const Operation& operation, Effects& effects);
  void linger(OpenTickets::iterator entry, TimePoint now, Effects& effects);
  void set_caller_left(Ticket& ticket, std::optional<TimePoint> when);
  void trim_closed();
  void run_due(TimePoint now, Effects& effects);
  void escalate(Ticket& ticket, TimePoint now, Effects& effects);
  void settle_flood(const Ticket& ticket);
  bool is_glass_broken(WorkloadId workload, TimePoint now) const;
  void approve_by_glass(OpenTickets::iterator entry, TimePoint now, Effects& effects);
  void leave_grant(const Ticket& ticket, TimePoint now, Effects& effects);
  void leave_for_next_attempt(const Ticket& ticket, TimePoint now, Effects& effects);
  void close(OpenTickets::iterator entry, Outcome outcome, TimePoint now, Effects& effects);
  Effects close_one(TicketId ticket, Outcome outcome, TimePoint now);
  Effects close_all(WorkloadId workload, Outcome outcome, TimePoint now);
  void changed(TicketId ticket, Effects& effects);

  DeskLimits limits_;
  TicketId last_id_ = 0;
  std::uint64_t revision_ = 0;
  OpenTickets open_;
  std::map<ObjectKey, TicketId> open_by_key_;
  std::map<HostKey, TicketId> open_by_host_;  // each name of a ticket; of several, the first ticket
  // The next escalation, or the end of the time to answer.
  std::set<std::pair<TimePoint, TicketId>> due_;
  std::unordered_map<HoldId, TicketId> holds_;
  bool holds_full_ = false;                        // and it has been said
  std::map<WorkloadId, WorkloadState> workloads_;  // those with open tickets, or told not to ask
  std::unordered_map<TicketId, Ticket> closed_;
  std::deque<TicketId> closed_order_;
  std::map<WorkloadId, Glass> glass_;
  Grants grants_;
  Refusals refusals_;
};

}  // namespace stayd
