// SPDX-License-Identifier: Apache-2.0
#include "approval/denial_reason.h"

#include "stayd/counters.h"

namespace stayd {

const char* to_string(DenialReason reason) {
  switch (reason) {
    case DenialReason::policy:
      return "policy";
    case DenialReason::unjudged:
      return "unjudged";
    case DenialReason::unsupported:
      return "unsupported";
    case DenialReason::cannot_wait:
      return "cannot_wait";
    case DenialReason::flooding:
      return "flooding";
    case DenialReason::too_many_holds:
      return "too_many_holds";
    case DenialReason::denied_before:
      return "denied_before";
    case DenialReason::denied:
      return "denied";
    case DenialReason::expired:
      return "expired";
    case DenialReason::no_approver:
      return "no_approver";
    case DenialReason::cancelled:
      return "cancelled";
    case DenialReason::superseded:
      return "superseded";
    case DenialReason::traced:
      return "traced";
    case DenialReason::unattended:
      return "unattended";
  }
  return "unknown";
}

DenialReason reason_of(Outcome outcome, HoldEnd left) {
  switch (outcome) {
    case Outcome::expired:
      return DenialReason::expired;
    case Outcome::no_approver:
      return DenialReason::no_approver;
    case Outcome::superseded:
      return DenialReason::superseded;
    case Outcome::cancelled:
      if (left == HoldEnd::traced) return DenialReason::traced;
      return left == HoldEnd::unattended ? DenialReason::unattended : DenialReason::cancelled;
    case Outcome::denied:
    case Outcome::open:
    case Outcome::approved:
      break;
  }
  return DenialReason::denied;
}

DenialReason reason_of(DeniedUnasked::Why why) {
  return why == DeniedUnasked::Why::flooding ? DenialReason::flooding
                                             : DenialReason::too_many_holds;
}

DenialReason reason_of(const Operation& operation) {
  switch (operation.failure) {
    case 0:
      return DenialReason::policy;
    case STAYD_COUNT_denied_path_too_deep:
    case STAYD_COUNT_denied_family:
      return DenialReason::unsupported;
    default:
      return DenialReason::unjudged;
  }
}

const char* to_string(Retry retry) {
  switch (retry) {
    case Retry::never:
      return "never";
    case Retry::after_approval:
      return "after-approval";
    case Retry::now:
      return "now";
  }
  return "never";
}

Advice advice_for(DenialReason reason) {
  switch (reason) {
    case DenialReason::policy:
      return {"the policy never allows this; do it another way", Retry::never};
    case DenialReason::unjudged:
      return {"stayd could not tell what it was; try again", Retry::now};
    case DenialReason::unsupported:
      return {"stayd cannot judge this kind of operation, and always denies it; do it another way",
              Retry::never};
    case DenialReason::cannot_wait:
      return {"it was denied at once and a person is asked; try again once that is approved",
              Retry::after_approval};
    case DenialReason::flooding:
      return {"too many questions of yours are open; wait for answers, and ask for less",
              Retry::after_approval};
    case DenialReason::too_many_holds:
      return {"too much waits on this host; try again later", Retry::now};
    case DenialReason::denied_before:
      return {
          "a person said no to this already, and it is denied at once; do not try again, do it "
          "another way or ask them why",
          Retry::never};
    case DenialReason::denied:
      return {"a person said no; do not try again, do it another way or ask them why",
              Retry::never};
    case DenialReason::expired:
      return {"nobody answered in time; trying again asks again", Retry::now};
    case DenialReason::no_approver:
      return {"nobody could be asked; tell whoever runs this host", Retry::never};
    case DenialReason::cancelled:
      return {
          "the caller ended, or a signal came, before there was an answer; trying again asks "
          "again",
          Retry::now};
    case DenialReason::superseded:
      return {"the object or the policy changed while it waited; try again if it is still wanted",
              Retry::now};
    case DenialReason::traced:
      return {
          "what is traced cannot wait for a person; run it without strace, gdb or another "
          "tracer",
          Retry::never};
    case DenialReason::unattended:
      return {"stayd was not running while it waited; try again", Retry::now};
  }
  return {"do it another way", Retry::never};
}

}  // namespace stayd
