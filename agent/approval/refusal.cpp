// SPDX-License-Identifier: Apache-2.0
#include "approval/refusal.h"

#include "stayd/counters.h"

namespace stayd {

const char* to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::policy:
      return "policy";
    case Refusal::unjudged:
      return "unjudged";
    case Refusal::unsupported:
      return "unsupported";
    case Refusal::cannot_wait:
      return "cannot_wait";
    case Refusal::flooding:
      return "flooding";
    case Refusal::too_many_holds:
      return "too_many_holds";
    case Refusal::denied:
      return "denied";
    case Refusal::expired:
      return "expired";
    case Refusal::no_approver:
      return "no_approver";
    case Refusal::cancelled:
      return "cancelled";
    case Refusal::superseded:
      return "superseded";
    case Refusal::traced:
      return "traced";
    case Refusal::unattended:
      return "unattended";
  }
  return "unknown";
}

Refusal refusal_of(Outcome outcome, HoldEnd left) {
  switch (outcome) {
    case Outcome::expired:
      return Refusal::expired;
    case Outcome::no_approver:
      return Refusal::no_approver;
    case Outcome::superseded:
      return Refusal::superseded;
    case Outcome::cancelled:
      if (left == HoldEnd::traced) return Refusal::traced;
      return left == HoldEnd::unattended ? Refusal::unattended : Refusal::cancelled;
    case Outcome::denied:
    case Outcome::open:
    case Outcome::approved:
      break;
  }
  return Refusal::denied;
}

Refusal refusal_of(DeniedUnasked::Why why) {
  return why == DeniedUnasked::Why::flooding ? Refusal::flooding : Refusal::too_many_holds;
}

Refusal refusal_of(const Operation& operation) {
  switch (operation.failure) {
    case 0:
      return Refusal::policy;
    case STAYD_COUNT_denied_path_too_deep:
    case STAYD_COUNT_denied_family:
      return Refusal::unsupported;
    default:
      return Refusal::unjudged;
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

Advice advice_for(Refusal refusal) {
  switch (refusal) {
    case Refusal::policy:
      return {"the policy never allows this; do it another way", Retry::never};
    case Refusal::unjudged:
      return {"stayd could not tell what it was; try again", Retry::now};
    case Refusal::unsupported:
      return {"stayd cannot judge this kind of operation, and always denies it; do it another way",
              Retry::never};
    case Refusal::cannot_wait:
      return {"it was denied at once and a person is asked; try again once that is approved",
              Retry::after_approval};
    case Refusal::flooding:
      return {"too many questions of yours are open; wait for answers, and ask for less",
              Retry::after_approval};
    case Refusal::too_many_holds:
      return {"too much waits on this host; try again later", Retry::now};
    case Refusal::denied:
      return {"a person said no; do not try again, do it another way or ask them why",
              Retry::never};
    case Refusal::expired:
      return {"nobody answered in time; trying again asks again", Retry::now};
    case Refusal::no_approver:
      return {"nobody could be asked; tell whoever runs this host", Retry::never};
    case Refusal::cancelled:
      return {
          "the caller ended, or a signal came, before there was an answer; trying again asks "
          "again",
          Retry::now};
    case Refusal::superseded:
      return {"the object or the policy changed while it waited; try again if it is still wanted",
              Retry::now};
    case Refusal::traced:
      return {
          "what is traced cannot wait for a person; run it without strace, gdb or another "
          "tracer",
          Retry::never};
    case Refusal::unattended:
      return {"stayd was not running while it waited; try again", Retry::now};
  }
  return {"do it another way", Retry::never};
}

}  // namespace stayd
