// SPDX-License-Identifier: Apache-2.0
#include "approval/denial_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "stayd/counters.h"

namespace stayd {
namespace {

constexpr DenialReason kAll[] = {
    DenialReason::policy,        DenialReason::unjudged,  DenialReason::unsupported,
    DenialReason::cannot_wait,   DenialReason::flooding,  DenialReason::too_many_holds,
    DenialReason::denied_before, DenialReason::traced,    DenialReason::unattended,
    DenialReason::denied,        DenialReason::expired,   DenialReason::no_approver,
    DenialReason::cancelled,     DenialReason::superseded};

TEST(DenialReasons, EachHasAWordAndAnAdviceOfItsOwn) {
  std::set<std::string> words, texts;
  for (const DenialReason reason : kAll) {
    words.insert(to_string(reason));
    texts.insert(std::string(advice_for(reason).text));
  }
  EXPECT_EQ(words.size(), std::size(kAll));
  EXPECT_EQ(texts.size(), std::size(kAll));
}

TEST(DenialReasons, OnlyWhatAPersonOrTheNextAttemptCanChangeIsWorthAnotherTry) {
  const auto retry = [](DenialReason reason) {
    return std::string(to_string(advice_for(reason).retry));
  };
  for (const DenialReason reason :
       {DenialReason::policy, DenialReason::unsupported, DenialReason::denied,
        DenialReason::denied_before, DenialReason::no_approver, DenialReason::traced})
    EXPECT_EQ(retry(reason), "never") << to_string(reason);
  for (const DenialReason reason : {DenialReason::cannot_wait, DenialReason::flooding})
    EXPECT_EQ(retry(reason), "after-approval") << to_string(reason);
  for (const DenialReason reason :
       {DenialReason::unjudged, DenialReason::too_many_holds, DenialReason::expired,
        DenialReason::cancelled, DenialReason::superseded, DenialReason::unattended})
    EXPECT_EQ(retry(reason), "now") << to_string(reason);
}

TEST(DenialReasons, ACancelledTicketSaysWhyItsHoldEnded) {
  EXPECT_EQ(reason_of(Outcome::cancelled), DenialReason::cancelled);
  EXPECT_EQ(reason_of(Outcome::cancelled, HoldEnd::traced), DenialReason::traced);
  EXPECT_EQ(reason_of(Outcome::cancelled, HoldEnd::unattended), DenialReason::unattended);
  EXPECT_EQ(reason_of(Outcome::expired, HoldEnd::traced), DenialReason::expired);
  EXPECT_EQ(reason_of(Outcome::no_approver), DenialReason::no_approver);
  EXPECT_EQ(reason_of(Outcome::superseded), DenialReason::superseded);
  EXPECT_EQ(reason_of(Outcome::denied), DenialReason::denied);
}

TEST(DenialReasons, WhatTheKernelSideCouldNotJudgeIsNotThePolicysWord) {
  Operation operation;
  EXPECT_EQ(reason_of(operation), DenialReason::policy);
  operation.failure = STAYD_COUNT_denied_argv_unreadable;
  EXPECT_EQ(reason_of(operation), DenialReason::unjudged);
  operation.failure = STAYD_COUNT_denied_family;
  EXPECT_EQ(reason_of(operation), DenialReason::unsupported);
}

}  // namespace
}  // namespace stayd
