// SPDX-License-Identifier: Apache-2.0
#include "ctl/self_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/ctl/self_events.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(SelfText, ADenialByThePolicyNamesTheCommandAndTheRule) {
  EXPECT_EQ(self_event_text(a_denial()),
            "stayd: denied: exec git push --force, by the policy; rule: exec.deny: git push* "
            "(/etc/stayd/agent.yaml:12); at 2026-01-31T09:05:07.000Z\n"
            "  what to do: the policy never allows this; do it another way (try again: never)\n");
}

TEST(SelfText, ADenialByAPersonNamesThemAndTheirReason) {
  json denial = an_end("denied", "denied", "never");
  denial["by"] = "Alice Ng";
  denial["detail"] = "not today";
  denial["times"] = 21;
  EXPECT_EQ(self_event_text(denial),
            "stayd: denied: connect 192.0.2.7:443/tcp (21 times), by Alice Ng: \"not today\", "
            "ticket 7; rule: network.default: hold; at 2026-01-31T09:05:07.000Z\n"
            "  what to do: it waits for a person (try again: never)\n");
}

TEST(SelfText, WhatWaitsSaysForWhomAndUntilWhen) {
  EXPECT_THAT(self_event_text(a_hold()),
              HasSubstr("stayd: held: connect 192.0.2.7:443/tcp, waits for reviewers until "
                        "2026-01-31T09:35:07.000Z, ticket 7; "));
  json hold = a_hold();
  hold["asked"] = json::array();
  EXPECT_THAT(self_event_text(hold), HasSubstr(", waits for whoever may answer until "));
}

TEST(SelfText, WhatLingersSaysThatNobodyWaitsAndUntilWhenPeopleCanAnswer) {
  json lingers = a_hold();
  lingers["event"] = "lingers";
  EXPECT_THAT(self_event_text(lingers),
              HasSubstr("stayd: lingers: connect 192.0.2.7:443/tcp, nobody waits; reviewers can "
                        "answer until 2026-01-31T09:35:07.000Z, ticket 7; "));
}

TEST(SelfText, AnAnswerThatNobodyWaitedForSaysUntilWhenItCounts) {
  json late = an_end("approved", "", "now");
  late["by"] = "Alice Ng";
  late["until"] = "2026-01-31T10:00:00.000Z";
  EXPECT_THAT(self_event_text(late), HasSubstr("stayd: approved: connect 192.0.2.7:443/tcp, by "
                                               "Alice Ng, for one attempt until "
                                               "2026-01-31T10:00:00.000Z, ticket 7; "));
  late["event"] = "denied";
  late["reason"] = "denied_before";
  late["detail"] = "not today";
  EXPECT_THAT(
      self_event_text(late),
      HasSubstr(", by Alice Ng: \"not today\", until 2026-01-31T10:00:00.000Z, ticket 7; "));
}

TEST(SelfText, OtherReasonsAreWordsWithWhatWasWrong) {
  json denial = a_denial();
  denial["reason"] = "too_many_holds";
  EXPECT_THAT(self_event_text(denial), HasSubstr(", too many holds; rule"));
  denial["reason"] = "unjudged";
  denial["detail"] = "the arguments could not be read";
  denial["rule"] = nullptr;
  EXPECT_THAT(self_event_text(denial),
              HasSubstr(", unjudged (the arguments could not be read); at "));
}

TEST(SelfText, IsTwoPrintableLinesWhateverItIsMadeOf) {
  const json nasty = std::string("a\nb\x1b[2J\xe2\x80\xae{{");
  for (json event : {json(nullptr), json(7), json::object(), json{{"asked", nasty}}, a_denial()}) {
    if (event.is_object())
      for (auto& [name, value] : event.items()) value = nasty;
    const std::string text = self_event_text(event);
    EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
    for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c <= 0x7e)) << text;
  }
}

TEST(News, WhatWaitedAndIsOverIsToldOnce) {
  const json events = {a_hold(7), a_hold(8), an_end("denied", "denied", "never", 7)};
  const auto news = news_of(events);
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[0]["ticket"], 8);
  EXPECT_EQ(news[1]["event"], "denied");
}

TEST(News, WhatLingersReplacesWhatWaitedAndWhatWaitsAgainReplacesThat) {
  const auto events = [](std::vector<const char*> each) {
    json list = json::array();
    for (const char* event : each) list.push_back(an_end(event, "", "after-approval"));
    return list;
  };
  EXPECT_EQ(news_of(events({"held", "lingers"})).size(), 1u);
  EXPECT_EQ(news_of(events({"held", "lingers"}))[0]["event"], "lingers");
  EXPECT_EQ(news_of(events({"held", "lingers", "held"})).size(), 1u);
}

TEST(News, AnApprovalIsNewsOnlyToWhoeverHasToTryAgain) {
  EXPECT_TRUE(news_of({a_hold(7), an_end("approved", "", "never", 7)}).empty());
  EXPECT_EQ(news_of(json::array({an_end("approved", "", "now", 7)})).size(), 1u);
}

TEST(News, OfManyTheLatestAreShownAndTheOthersCounted) {
  std::vector<json> news(20, a_denial());
  const std::string text = news_text(news, 8);
  EXPECT_EQ(std::ranges::count(text, '\n'), 17);
  EXPECT_THAT(text,
              HasSubstr("stayd: 12 earlier left out; see them with: stayctl why --last 20\n"));
  EXPECT_THAT(news_text(news, 20), Not(HasSubstr("left out")));
}

TEST(News, OfSomethingElseThanAListThereAreNone) {
  EXPECT_TRUE(news_of(nullptr).empty());
  EXPECT_TRUE(news_of(json::object()).empty());
}

}  // namespace
}  // namespace stayd
