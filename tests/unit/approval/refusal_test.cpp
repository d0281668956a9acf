// SPDX-License-Identifier: Apache-2.0
#include "approval/refusal.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "stayd/counters.h"

namespace stayd {
namespace {

constexpr Refusal kAll[] = {Refusal::policy,      Refusal::unjudged,   Refusal::unsupported,
                            Refusal::cannot_wait, Refusal::flooding,   Refusal::too_many_holds,
                            Refusal::denied,      Refusal::expired,    Refusal::no_approver,
                            Refusal::cancelled,   Refusal::superseded, Refusal::traced,
                            Refusal::unattended};

TEST(Refusals, EachHasAWordAndAnAdviceOfItsOwn) {
  std::set<std::string> words, texts;
  for (const Refusal refusal : kAll) {
    words.insert(to_string(refusal));
    texts.insert(std::string(advice_for(refusal).text));
  }
  EXPECT_EQ(words.size(), std::size(kAll));
  EXPECT_EQ(texts.size(), std::size(kAll));
}

TEST(Refusals, OnlyWhatAPersonOrTheNextAttemptCanChangeIsWorthAnotherTry) {
  const auto retry = [](Refusal refusal) {
    return std::string(to_string(advice_for(refusal).retry));
  };
  for (const Refusal refusal : {Refusal::policy, Refusal::unsupported, Refusal::denied,
                                Refusal::no_approver, Refusal::traced})
    EXPECT_EQ(retry(refusal), "never") << to_string(refusal);
  for (const Refusal refusal : {Refusal::cannot_wait, Refusal::flooding})
    EXPECT_EQ(retry(refusal), "after-approval") << to_string(refusal);
  for (const Refusal refusal : {Refusal::unjudged, Refusal::too_many_holds, Refusal::expired,
                                Refusal::cancelled, Refusal::superseded, Refusal::unattended})
    EXPECT_EQ(retry(refusal), "now") << to_string(refusal);
}

TEST(Refusals, ACancelledTicketSaysWhyItsHoldEnded) {
  EXPECT_EQ(refusal_of(Outcome::cancelled), Refusal::cancelled);
  EXPECT_EQ(refusal_of(Outcome::cancelled, HoldEnd::traced), Refusal::traced);
  EXPECT_EQ(refusal_of(Outcome::cancelled, HoldEnd::unattended), Refusal::unattended);
  EXPECT_EQ(refusal_of(Outcome::expired, HoldEnd::traced), Refusal::expired);
  EXPECT_EQ(refusal_of(Outcome::no_approver), Refusal::no_approver);
  EXPECT_EQ(refusal_of(Outcome::superseded), Refusal::superseded);
  EXPECT_EQ(refusal_of(Outcome::denied), Refusal::denied);
}

TEST(Refusals, WhatTheKernelSideCouldNotJudgeIsNotThePolicysWord) {
  Operation operation;
  EXPECT_EQ(refusal_of(operation), Refusal::policy);
  operation.failure = STAYD_COUNT_denied_argv_unreadable;
  EXPECT_EQ(refusal_of(operation), Refusal::unjudged);
  operation.failure = STAYD_COUNT_denied_family;
  EXPECT_EQ(refusal_of(operation), Refusal::unsupported);
}

}  // namespace
}  // namespace stayd
