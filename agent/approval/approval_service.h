// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "approval/kernel_actions.h"
#include "approval/self_events.h"
#include "audit/record.h"
#include "base/result.h"
#include "channels/ticket_api.h"
#include "identity/people.h"
#include "store/desk_store.h"
#include "tickets/desk.h"

namespace stayd {

// Somebody who asks something of the desk through a channel, as the channel knows them. Which
// person that is, and who else it may be, is for ApprovalService to say.
struct Requester {
  Account account;
  std::string name;     // to show if people.yaml has none
  std::string channel;  // "terminal"
  // The owner of their login session, if that is another account: root, after sudo.
  std::optional<uid_t> login_uid{};
};

// Carries out what the desk decides: the store and the record first, then the gate, then the
// channels. The desk decides, this class acts. One thread.
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
    // A workload was told something about itself.
    std::function<void()> told = [] {};
  };

  // `store`, `record` and `gate` must outlive it.
  ApprovalService(DeskStore& store, Record& record, KernelActions& gate, People people,
                  Callbacks callbacks);

  void set_people(People people) { people_ = std::move(people); }
  void add_channel(Channel& channel) { channels_.push_back(&channel); }

  // These give what a channel shows. Pointers are valid until the next call that is not const.
  const People& people() const override { return people_; }
  const Ticket* find(TicketId id) const override { return desk_.find(id); }
  std::vector<const Ticket*> open_tickets() const override { return desk_.open_tickets(); }
  std::vector<const Ticket*> closed_tickets() const { return desk_.closed_tickets(); }
  std::uint64_t revision() const { return desk_.revision(); }
  const std::vector<Channel*>& channels() const { return channels_; }
  // These are the events that workloads were told about themselves.
  const SelfEvents& told() const { return told_; }
  // Returns what the workload of an open ticket was told. The ticket must not be about a flood.
  SelfEvent told_of(const Ticket& ticket) const;
  std::size_t live_grants() const { return desk_.grants().live().size(); }
  // Grants as they are, with the uses that are left.
  std::vector<Grant> grants();

  // Loads what an earlier agent left; to be called before anything else. `epoch` names the gate's
  // tables: if the earlier agent knew others, all that waited is gone.
  Result<> load(const std::string& epoch, TimePoint now);
  // Holds of open tickets, for the gatekeeper to take over.
  std::vector<HoldId> waiting() const;
  // Once the gate can be told: decisions that were made and not carried out.
  void resume(TimePoint now);

  // True if a directory is granted to the workload, so that Surroundings::steps are of use.
  bool has_directories(WorkloadId workload) const;
  // True if the operation is answered by what somebody has said before: see Desk::settle().
  bool would_settle(const Operation& operation, const Surroundings& around) const {
    return desk_.would_settle(operation, around);
  }
  // Answers and records it then, and nobody is asked; else returns false.
  bool settle(const Operation& operation, const Surroundings& around,
              const RuleReference& reference, TimePoint now);
  // See Desk::refusal_of().
  const Refusal* refusal_of(const Operation& operation) const {
    return desk_.refusal_of(operation);
  }
  // The grants, with uses left, that let the whole workload do this; those that a ticket has left.
  std::vector<Grant> grants_for(const Operation& operation, const Surroundings& around);
  std::vector<Grant> grants_of(TicketId ticket);
  // True if the operation would join an open ticket, so that nobody has to be told about it: see
  // Desk::would_join().
  bool would_join(const Operation& operation, const Surroundings& around = {}) const {
    return desk_.would_join(operation, around);
  }
  // It opens a ticket. Whether anybody can be asked is added to the context here.
  void raise(Operation operation, TicketContext context, TimePoint now);
  // A workload asks for it in advance: the ticket that it opens, or joins; it may have ended at
  // once. The error: the workload has as many open as it may.
  Result<TicketId> ask_ahead(Operation operation, TicketContext context, TimePoint now);
  // It would_join() one.
  void join(const Operation& operation, TimePoint now, const Surroundings& around = {});
  void gone(HoldId hold, HoldEnd why, TimePoint now);
  void release_workload(WorkloadId workload, TimePoint now);
  void change_policy(WorkloadId workload, TimePoint now);
  void change_places(WorkloadId workload, TimePoint now);
  void tick(TimePoint now);
  std::optional<TimePoint> next_deadline() const { return desk_.next_deadline(); }

  Result<const Ticket*> answer(Answer answer, TimePoint now) override;
  Result<const Ticket*> snooze(TicketId ticket, const Requester& by, std::chrono::seconds time,
                               TimePoint now);
  Result<Grant> revoke(GrantId grant, const Requester& by, TimePoint now);
  Result<> break_glass(WorkloadId workload, const std::string& cgroup, const Requester& by,
                       const std::string& reason, std::chrono::seconds time, TimePoint now);

  // Ends grants that are used up, or whose process has ended: the gate knows.
  void look_after_grants(TimePoint now);
  // Ends the tickets of which nobody would hear any more, as the policy has it, now that channels
  // may have become silent.
  void look_after_channels(TimePoint now);

  // The workload was refused something without a ticket; it may read that.
  void refused(WorkloadId workload, SelfEvent denied) { told_.add(workload, std::move(denied)); }
  // It is not known any more which workloads were refused what.
  void missed() { told_.miss(); }
  // Records what has happened already: a failure is said once, and stops approvals.
  void note(const nlohmann::json& event);
  // Writes what has changed to the store.
  void flush(TimePoint now);
  // Returns the reason why nothing can be approved now; empty: it can.
  std::string trouble() const;

 private:
  // A ticket that has yet to be written, as it is now. Its beginning and its end go to the store,
  // then to the record, then to the store again, which so knows that the record has them:
  //
  //   unrecorded --saved--> unrecorded --recorded--> recorded --saved--> no longer pending
  //
  // What happens in between goes to the record at once, and so starts as recorded.
  enum class Stage : std::uint8_t { unrecorded, recorded };
  struct PendingTicket {
    Ticket ticket;
    Stage stage = Stage::unrecorded;
  };
  // In the store, and not part of a saved ticket yet.
  struct PendingDecision {
    StoredDecision stored;
    bool applied = false;  // and so part of a ticket, which is pending
  };

  // This is what the workload of an open ticket was told of it last.
  struct Told {
    std::uint64_t seq = 0;
    RuleReference rule;
    bool lingers = false;
  };

  Decision identify(const Requester& by) const;
  bool has_enough_reachable_approvers(const Approval& approval,
                                      const std::vector<Excluded>& excluded,
                                      TicketId ticket = 0) const;
  bool has_enough_reachable_approvers(const Ticket& ticket) const;
  Result<> keep_channels();
  std::string workload_of(const Decision& decision) const;  // empty: there is no such ticket
  Result<> store_decision(const Decision& decision, TimePoint now);
  Result<> write(const nlohmann::json& event, Durable durable);
  void note_once(const nlohmann::json& event);
  void record_what_was_left(const Snapshot& snapshot);
  void carry_out(const Effects& effects, TimePoint now);
  void save_then_record(TimePoint now);
  void carry_out(const Changed& changed, TimePoint now);
  void carry_out(const Refused& refused, TimePoint now);
  void carry_out(const DeniedUnasked& denied, TimePoint now);
  void carry_out(const Granted& granted, TimePoint now);
  void carry_out(const GrantEnded& ended, TimePoint now);
  void carry_out(const GrantUsed& used, TimePoint now);
  std::int64_t uses_left(const Grant& grant);
  void carry_out(const Release& release, TimePoint now);
  void tell_opened(const Ticket& ticket, const RuleReference& rule);
  void tell_open(const Ticket& ticket, Told& told);
  void tell_joined(TicketId id, const Operation& operation);
  void tell_changed(const Ticket& ticket, HoldEnd left, TimePoint now);
  void end_all(const Snapshot& snapshot, const std::vector<TicketId>& lost, TimePoint now);
  void record(const Ticket& ticket, TimePoint now);
  Batch pending_batch();
  void forget_saved();

  DeskStore& store_;
  Record& record_;
  KernelActions& gate_;
  People people_;
  Callbacks callbacks_;
  Desk desk_;
  SelfEvents told_;
  std::map<TicketId, Told> told_tickets_;  // the open ones that are not about a flood
  std::vector<Channel*> channels_;
  std::set<TicketId> need_reachable_approvers_;  // open tickets that do not wait unheard
  // For each open ticket whose beginning is recorded: how much of its history is recorded.
  std::map<TicketId, std::size_t> recorded_events_;
  std::map<TicketId, PendingTicket> pending_tickets_;
  std::map<GrantId, Grant> pending_grants_;
  std::vector<PendingDecision> pending_decisions_;  // in the order in which they were given
  std::string record_error_, store_error_;
};

}  // namespace stayd
