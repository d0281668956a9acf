// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "approval/denials.h"
#include "approval/kernel_actions.h"
#include "audit/record.h"
#include "base/result.h"
#include "channels/ticket_api.h"
#include "identity/people.h"
#include "store/desk_store.h"
#include "tickets/desk.h"

namespace stayd {

// Carries out what the desk decides: the store and the record first, then the kernel side, then
// the channels. The desk decides, this class acts. One thread.
//
// What has to outlive a crash at any point: a decision is in the store before it counts, and in
// the record before it lets anything go. Found in the store but not applied, it is applied by
// the next agent; found unrecorded, it is recorded then. What could not be stored and recorded
// is not approved, while a denial stands all the same.
class ApprovalService final : public TicketApi {
 public:
  struct Callbacks {
    std::function<void()> changed;     // tickets or deadlines are not what they were
    std::function<void()> flush_soon;  // call flush() within some milliseconds
    // It was approved, and somebody wants a rule of it. May come again after a crash.
    std::function<void(const Ticket&)> propose{};
  };

  ApprovalService(DeskStore& store, Record& record, KernelActions& kernel, People people,
                  Callbacks callbacks);

  void set_people(People people) { people_ = std::move(people); }
  const People& people() const override { return people_; }
  const Ticket* find(TicketId id) const override { return desk_.find(id); }
  std::vector<const Ticket*> open_tickets() const override { return desk_.open_tickets(); }
  void add_channel(Channel& channel) { channels_.push_back(&channel); }
  const std::vector<Channel*>& channels() const { return channels_; }
  const Desk& desk() const { return desk_; }
  Denials& denials() { return denials_; }

  // What an earlier agent left, before anything else. `epoch` names the kernel side's tables: if
  // the earlier agent knew others, all that waited is gone.
  Result<> load(const std::string& epoch, TimePoint now);
  // Holds of open tickets, for the gatekeeper to take over.
  std::vector<HoldId> waiting() const;
  // Once the kernel side can be told: decisions that were made and not carried out.
  void resume(TimePoint now);

  // Somebody who is asked by it, now or later, would hear of it through some channel.
  bool has_enough_reachable_approvers(const Approval& approval,
                                      const std::vector<Excluded>& excluded) const;
  bool would_join(const Operation& operation) const { return desk_.would_join(operation); }
  void raise(Operation operation, const TicketContext& context, TimePoint now);
  void gone(HoldId hold, HoldEnd why, TimePoint now);
  void release_workload(WorkloadId workload, TimePoint now);
  void change_policy(WorkloadId workload, TimePoint now);
  void tick(TimePoint now);
  std::optional<TimePoint> next_deadline() const { return desk_.next_deadline(); }

  Result<const Ticket*> answer(Answer answer, TimePoint now) override;
  Result<const Ticket*> snooze(TicketId ticket, const Decision& who, std::chrono::seconds time,
                               TimePoint now);
  Result<Grant> revoke(GrantId grant, const PersonId& by, TimePoint now);
  // `who` has person, name, account, channel and reason.
  Result<> break_glass(WorkloadId workload, const std::string& cgroup, const Decision& who,
                       std::chrono::seconds time, TimePoint now);

  // Used up, or of processes that have ended: the kernel side knows.
  void look_after_grants(TimePoint now);
  // Ends the tickets of which nobody would hear any more, as the policy has it, now that channels
  // may have become silent.
  void look_after_channels(TimePoint now);
  // Grants as they are, with the uses that are left.
  std::vector<Grant> grants();

  // For what has happened already: a failure is said once, and stops approvals.
  void note(const nlohmann::json& event);
  // Writes what has changed to the store.
  void flush(TimePoint now);
  // Why nothing can be approved now; empty: it can.
  std::string trouble() const;

 private:
  // What the record has been told of an open ticket.
  struct Told {
    std::size_t events = 0;
  };

  bool has_enough_reachable_approvers(const Ticket& ticket) const;
  Result<> keep_channels();
  std::string workload_of(const Decision& decision) const;  // empty: there is no such ticket
  Result<> store_decision(const Decision& decision, TimePoint now);
  Result<> write(const nlohmann::json& event, Durable durable);
  void note_once(const nlohmann::json& event);
  void tell_what_was_left(const Snapshot& snapshot);
  void carry_out(const Effects& effects, TimePoint now);
  void settle(TimePoint now);
  void carry_out(const Changed& changed, TimePoint now);
  void carry_out(const Refused& refused, TimePoint now);
  void carry_out(const Granted& granted, TimePoint now);
  void carry_out(const GrantEnded& ended, TimePoint now);
  void carry_out(const Release& release, TimePoint now);
  void end_all(const Snapshot& snapshot, const std::vector<TicketId>& lost, TimePoint now);
  void tell_record(const Ticket& ticket, TimePoint now);

  DeskStore& store_;
  Record& record_;
  KernelActions& kernel_;
  People people_;
  Callbacks callbacks_;
  Desk desk_;
  Denials denials_;
  std::vector<Channel*> channels_;
  std::set<TicketId> need_reachable_approvers_;  // open tickets that do not wait unheard
  std::map<TicketId, Told> told_;
  std::vector<Ticket> behind_;  // of which the record is to be told once they are saved
  std::set<TicketId> untold_;   // of them, while they are being saved
  std::map<TicketId, Ticket> unsaved_;
  std::map<GrantId, Grant> unsaved_grants_;
  std::vector<StoredDecision> unapplied_;  // between load() and resume()
  std::vector<DecisionId> applied_;        // whose tickets are unsaved
  std::string record_error_, store_error_;
};

}  // namespace stayd
