// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "gate/actions.h"

namespace stayd::test {

inline std::string answer_text(std::uint32_t state) {
  switch (state) {
    case STAYD_ANSWER_PARKED:
      return "parked";
    case STAYD_ANSWER_AWAY:
      return "away";
    case STAYD_ANSWER_ALLOW:
      return "allow";
    case STAYD_ANSWER_DENY:
      return "deny";
    case STAYD_ANSWER_AGAIN:
      return "again";
    case STAYD_ANSWER_PEND:
      return "pend";
    default:
      return "?";
  }
}

inline std::string notice_text(const KernelNotice& notice) {
  if (const auto* gone = std::get_if<HoldGone>(&notice)) {
    const char* why = gone->why == HoldEnd::superseded ? "superseded " : "gone ";
    return (gone->why == HoldEnd::traced ? "traced " : why) + std::to_string(gone->hold);
  }
  const auto* operation = std::get_if<Operation>(&notice);
  if (operation == nullptr) return "?";
  const std::string hold = operation->hold_id != 0 ? " " + std::to_string(operation->hold_id) : "";
  switch (operation->disposition) {
    case Disposition::held:
      return "held" + hold;
    case Disposition::cannot_wait:
      return "cannot wait" + hold;
    case Disposition::denied:
      return "denied" + hold;
    case Disposition::audited:
      return "audited" + hold;
    case Disposition::would_hold:
      return "would hold" + hold;
    case Disposition::would_deny:
      return "would deny" + hold;
    case Disposition::deferred:
      return "asked" + hold;
  }
  return "?";
}

struct ActionText {
  std::string operator()(const Seize& a) const { return "seize " + std::to_string(a.thread); }
  std::string operator()(const LookAtRestart& a) const {
    return "at restart? " + std::to_string(a.thread);
  }
  std::string operator()(const LookForSignal& a) const {
    return "signal? " + std::to_string(a.thread);
  }
  std::string operator()(const LookForEnd& a) const { return "ended? " + std::to_string(a.thread); }
  std::string operator()(const JudgeAgain& a) const { return "judge " + std::to_string(a.hold); }
  std::string operator()(const ReachNetwork& a) const {
    return "reach the network of " + std::to_string(a.thread);
  }
  std::string operator()(const Connect& a) const { return "connect " + std::to_string(a.hold); }
  std::string operator()(const Refuse& a) const { return "refuse " + std::to_string(a.hold); }
  std::string operator()(const LetGo& a) const {
    return "let go " + std::to_string(a.thread) +
           (a.signal != 0 ? " with signal " + std::to_string(a.signal) : "");
  }
  std::string operator()(const WriteAnswer& a) const {
    return "write " + std::to_string(a.hold) + " " + answer_text(STAYD_ANSWER_STATE(a.answer.word));
  }
  std::string operator()(const ForgetAnswer& a) const { return "forget " + std::to_string(a.hold); }
  std::string operator()(const SetParkedThreads& a) const {
    return "process " + std::to_string(a.process) + " has " + std::to_string(a.threads) + " parked";
  }
  std::string operator()(const CountHandled&) const { return "handled"; }
  std::string operator()(const Notify& a) const { return "tell " + notice_text(a.notice); }
};

// One line for each action: "seize 11", "write 1 allow", "tell gone 1".
inline std::vector<std::string> lines(const Actions& actions) {
  std::vector<std::string> result;
  for (const Action& each : actions) result.push_back(std::visit(ActionText{}, each));
  return result;
}

}  // namespace stayd::test
