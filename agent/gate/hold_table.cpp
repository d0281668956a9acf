// SPDX-License-Identifier: Apache-2.0
#include "gate/hold_table.h"

#include <utility>

namespace stayd {
namespace {

using What = DeferredVerdict::What;

std::uint32_t state_of(HoldAnswer answer) {
  switch (answer) {
    case HoldAnswer::allow:
      return STAYD_ANSWER_ALLOW;
    case HoldAnswer::judge_again:
      return STAYD_ANSWER_AGAIN;
    case HoldAnswer::deny:
      break;
  }
  return STAYD_ANSWER_DENY;
}

Disposition disposition_of(const DeferredVerdict& verdict) {
  switch (verdict.what) {
    case What::hold:
      return verdict.observed ? Disposition::would_hold : Disposition::held;
    case What::deny:
      return verdict.observed ? Disposition::would_deny : Disposition::denied;
    default:
      return Disposition::audited;
  }
}

std::uint32_t answer_to(const DeferredVerdict& verdict) {
  if (verdict.what == What::again) return STAYD_ANSWER_AGAIN;
  const bool denied = verdict.what == What::deny && !verdict.observed;
  return denied ? STAYD_ANSWER_DENY : STAYD_ANSWER_ALLOW;
}

}  // namespace

Actions HoldTable::adopt(const std::vector<HoldId>& holds, std::uint64_t now_ns,
                         const std::set<HoldId>& pending) {
  begun_ns_ = now_ns;
  // A session that the threads have not seen, so that their limit begins anew.
  const auto session = static_cast<std::uint32_t>(now_ns >> 20) | 1u;
  Actions actions;
  for (const HoldId id : holds) {
    Hold& hold = holds_[id];
    hold.session = session;
    hold.handled = true;
    if (pending.contains(id)) {
      hold.state = State::pending;
      hold.has_connection = true;
      ++pending_;
      continue;
    }
    hold.state = State::away;
    write(id, hold, STAYD_ANSWER_AWAY, actions);
  }
  return actions;
}

Actions HoldTable::reported(Operation operation, const std::optional<DeferredVerdict>& verdict) {
  Actions actions;
  const HoldId id = operation.hold_id;
  Hold* hold = id != 0 ? &meet(operation, actions) : nullptr;
  if (hold != nullptr && operation.incomplete) leave_earlier(id, hold->thread, actions);
  if (!operation.incomplete) {
    if (hold != nullptr && operation.disposition == Disposition::held)
      begin_wait(id, *hold, std::move(operation), actions);
    else
      actions.emplace_back(Notify{std::move(operation)});
  } else if (verdict) {
    apply(std::move(operation), *verdict, actions);
  } else if (hold != nullptr) {
    hold->state = State::deferred;
    hold->deferred = std::make_unique<Operation>(std::move(operation));
    ++deferred_;
  } else {
    // It could not wait for a verdict, and was refused.
    operation.disposition = Disposition::denied;
    operation.judged_arguments = nullptr;
    actions.emplace_back(Notify{std::move(operation)});
  }
  return actions;
}

// Tells the desk, and lets the thread wait, or its connection.
void HoldTable::begin_wait(HoldId id, Hold& hold, Operation operation, Actions& actions) {
  const bool pending = operation.pending;
  if (pending) hold.pending = std::make_unique<Operation>(operation);
  actions.emplace_back(Notify{std::move(operation)});
  if (!pending) return ask_to_stop(id, hold, actions);
  hold.state = State::pending;
  ++pending_;
  if (std::exchange(hold.has_connection, true)) return;  // its thread was told, and is elsewhere
  leave_earlier(id, hold.thread, actions);
  count_handled(hold, actions);
  actions.emplace_back(ReachNetwork{hold.thread});
  write(id, hold, STAYD_ANSWER_PEND, actions);
}

// No thread comes back to its hook to be judged there.
void HoldTable::judge_again(HoldId id, Hold& hold, Actions& actions) {
  leave_thread(id, hold, 0, actions);
  hold.state = State::deferred;
  hold.deferred = std::exchange(hold.pending, nullptr);
  hold.deferred->incomplete = true;
  ++deferred_;
  actions.emplace_back(JudgeAgain{id});
}

const Operation* HoldTable::to_judge_again(HoldId hold, std::uint32_t policy) {
  const auto found = holds_.find(hold);
  if (found == holds_.end() || !found->second.deferred) return nullptr;
  found->second.deferred->policy = policy;
  return found->second.deferred.get();
}

// The hold of a reported operation. It is known already if it was adopted, and the earlier agent
// died before it had taken the report from the ring.
HoldTable::Hold& HoldTable::meet(const Operation& operation, Actions& actions) {
  const auto [at, is_new] = holds_.try_emplace(operation.hold_id);
  Hold& hold = at->second;
  if (!is_new) {
    leave_thread(operation.hold_id, hold, 0, actions);
    hold.quiet = false;
    if (std::exchange(hold.deferred, nullptr)) --deferred_;
  }
  hold.thread = operation.caller.thread;
  hold.process = operation.caller.pid;
  hold.slot = operation.workload.slot;
  hold.syscall = operation.syscall;
  hold.state = State::spinning;
  return hold;
}

// The operation has not been spoken of to anybody but the evaluator.
void HoldTable::apply(Operation operation, const DeferredVerdict& verdict, Actions& actions) {
  const HoldId id = operation.hold_id;
  operation.rule = verdict.rule;
  operation.judged_arguments = nullptr;
  if (id == 0) {
    // It could not wait, and was refused. If it is allowed, it will be when it is tried again.
    operation.disposition =
        verdict.what == What::hold ? Disposition::cannot_wait : Disposition::denied;
    actions.emplace_back(Notify{std::move(operation)});
    return;
  }
  Hold& hold = holds_.at(id);
  if (verdict.what == What::again && hold.has_connection) {
    // The policy is not known to the evaluator yet.
    hold.state = State::deferred;
    hold.deferred = std::make_unique<Operation>(std::move(operation));
    hold.too_early = true;
    ++deferred_;
    return;
  }
  operation.disposition = disposition_of(verdict);
  operation.pending &= operation.disposition == Disposition::held;
  hold.labels = verdict.labels;
  if (operation.disposition == Disposition::held)
    return begin_wait(id, hold, std::move(operation), actions);
  settle(id, answer_to(verdict), 0, actions);
  if (verdict.what == What::allow || verdict.what == What::again) return;
  operation.hold_id = 0;  // it does not wait
  actions.emplace_back(Notify{std::move(operation)});
}

Actions HoldTable::verdict_arrived(const DeliverVerdict& delivered) {
  const auto found = holds_.find(delivered.hold);
  if (found == holds_.end() || !found->second.deferred) return {};
  Actions actions;
  const std::unique_ptr<Operation> operation = std::exchange(found->second.deferred, nullptr);
  found->second.state = State::spinning;
  --deferred_;
  apply(std::move(*operation), delivered.verdict, actions);
  return actions;
}

Actions HoldTable::answer(const AnswerHold& answer) {
  Actions actions;
  const auto found = holds_.find(answer.hold);
  if (found != holds_.end() && found->second.pending && answer.answer == HoldAnswer::judge_again) {
    judge_again(answer.hold, found->second, actions);
    return actions;
  }
  const std::uint64_t expires_ns = answer.answer == HoldAnswer::allow ? answer.expires_ns : 0;
  settle(answer.hold, state_of(answer.answer), expires_ns, actions);
  return actions;
}

void HoldTable::settle(HoldId id, std::uint32_t state, std::uint64_t expires_ns, Actions& actions) {
  const auto found = holds_.find(id);
  if (found == holds_.end()) return;
  Hold& hold = found->second;
  if (hold.has_connection) {
    // It is approved for as long as the kernel tries to make it.
    expires_ns = 0;
    // Of one that was adopted, nobody knows any more what was asked.
    if (state == STAYD_ANSWER_AGAIN) state = STAYD_ANSWER_DENY;
  }
  actions.emplace_back(WriteAnswer{id,
                                   {.word = STAYD_ANSWER_WORD(id, state),
                                    .expires_ns = expires_ns,
                                    .labels = state == STAYD_ANSWER_ALLOW ? hold.labels : 0,
                                    .session = hold.session,
                                    .reserved = 0}});
  count_handled(hold, actions);
  leave_thread(id, hold, 0, actions);
  if (hold.has_connection) {
    if (state == STAYD_ANSWER_ALLOW)
      actions.emplace_back(Connect{id});
    else
      actions.emplace_back(Refuse{id});
  }
  if (hold.deferred) --deferred_;
  holds_.erase(found);
}

Actions HoldTable::gone(const HoldGone& gone) {
  Actions actions;
  end(gone, actions);
  return actions;
}

// Its thread has ended, was interrupted, was denied by the kernel side, or asks for something else.
void HoldTable::end(const HoldGone& gone, Actions& actions) {
  // An answer that was written when the hold had ended, and nobody knew it yet, is not read.
  actions.emplace_back(ForgetAnswer{gone.hold});
  const auto found = holds_.find(gone.hold);
  if (found == holds_.end()) return;
  Hold& hold = found->second;
  count_handled(hold, actions);
  leave_thread(gone.hold, hold, 0, actions);
  if (hold.deferred)
    --deferred_;
  else
    actions.emplace_back(Notify{HoldGone{gone.hold, gone.why, gone.time_ns, hold.slot}});
  holds_.erase(found);
}

Actions HoldTable::tick(std::uint64_t now_ns) {
  Actions actions;
  std::vector<HoldId> unheard;
  for (auto& [id, hold] : holds_) {
    if (hold.has_connection) {
      if (std::exchange(hold.too_early, false)) actions.emplace_back(JudgeAgain{id});
    } else if (hold.thread == 0) {
      if (now_ns - begun_ns_ > kAdoptionNs) unheard.push_back(id);
    } else if (hold.state != State::parked && hold.state != State::stopped &&
               std::exchange(hold.quiet, true)) {
      actions.emplace_back(LookForEnd{id, hold.thread});
    }
  }
  // A thread that calls execve takes the id of its process's first thread, which vanishes; neither
  // stops under the id that it is traced by.
  for (auto& [thread, tracee] : tracees_)
    if (tracee.hold == 0 && std::exchange(tracee.quiet, true))
      actions.emplace_back(LookForEnd{0, thread});
  for (const HoldId id : unheard) end({id}, actions);
  return actions;
}

Actions HoldTable::found_ended(const LookForEnd& what) {
  Actions actions;
  if (what.hold != 0) {
    const auto found = holds_.find(what.hold);
    if (found == holds_.end() || found->second.thread != what.thread) return {};
    end({what.hold}, actions);
  }
  // If it is still traced for no hold, it will not stop either.
  const auto traced = tracees_.find(what.thread);
  if (traced != tracees_.end() && traced->second.hold == 0) tracees_.erase(traced);
  return actions;
}

Actions HoldTable::hand_over() {
  Actions actions;
  for (auto& [id, hold] : holds_) {
    if (hold.has_connection) continue;  // the kernel side goes on dropping its packets
    ++hold.session;
    write(id, hold, hold.deferred ? STAYD_ANSWER_AGAIN : STAYD_ANSWER_AWAY, actions);
    leave_thread(id, hold, 0, actions);
  }
  holds_.clear();
  tracees_.clear();
  deferred_ = 0;
  pending_ = 0;
  return actions;
}

GateLoad HoldTable::load() const {
  return {.waiting = holds_.size(),
          .parked = parked_,
          .deferred = deferred_,
          .pending = pending_,
          .real_time = false};
}

void HoldTable::write(HoldId id, const Hold& hold, std::uint32_t state, Actions& actions) {
  actions.emplace_back(WriteAnswer{id,
                                   {.word = STAYD_ANSWER_WORD(id, state),
                                    .expires_ns = 0,
                                    .labels = 0,
                                    .session = hold.session,
                                    .reserved = 0}});
}

void HoldTable::count_handled(Hold& hold, Actions& actions) {
  if (!std::exchange(hold.handled, true)) actions.emplace_back(CountHandled{hold.slot});
}

}  // namespace stayd
