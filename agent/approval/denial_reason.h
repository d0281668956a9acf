// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tickets/effects.h"

namespace stayd {

// The reason why an operation of a workload did not happen, as the workload itself is told.
enum class DenialReason : std::uint8_t {
  policy,          // a rule denies it
  unjudged,        // it could not be judged this time
  unsupported,     // it is of a kind that cannot be judged, and is always denied
  cannot_wait,     // its system call cannot wait: it was denied at once, and is asked about
  flooding,        // the workload has too many open tickets
  too_many_holds,  // the host has too many holds
  denied_before,   // a person denied it when nobody waited: see Refusal
  traced,          // the thread could not be stopped, and was denied at once
  unattended,      // the kernel side denied it while no stayd was running
  // A ticket ended like this:
  denied,
  expired,
  no_approver,
  cancelled,
  superseded,
};

// The word for it in JSON: "policy", "cannot_wait", …
const char* to_string(DenialReason reason);

// Returns the reason for a ticket that ended without an approval. `left` says why the last hold of
// a cancelled one ended.
DenialReason reason_of(Outcome outcome, HoldEnd left = HoldEnd::caller_gone);
DenialReason reason_of(DeniedUnasked::Why why);
// Returns the reason for an operation that was denied without a question.
DenialReason reason_of(const Operation& operation);

// Says whether it is of use to try the same again.
enum class Retry : std::uint8_t { never, after_approval, now };

// "never", "after-approval", "now"
const char* to_string(Retry retry);

// Advice to a workload about a denial. It informs and permits nothing: no decision depends on it.
struct Advice {
  std::string_view text;  // one line without a full stop
  Retry retry = Retry::never;
};
Advice advice_for(DenialReason reason);

}  // namespace stayd
