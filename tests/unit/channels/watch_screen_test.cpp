// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/watch_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "unit/channels/ticket_builder.h"

namespace stayd::terminal {
namespace {

using nlohmann::json;
using namespace test;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNow = kNoonMs + 123'000;
constexpr std::int64_t kSeen = kNow + 1000;  // long enough to have been looked at

class Watch : public ::testing::Test {
 protected:
  void show(std::vector<json> tickets, std::int64_t now_ms = kNow) {
    screen_.set_tickets(json(std::move(tickets)), now_ms);
  }
  std::string frame(int width = 100, int height = 30) {
    return screen_.frame(kSeen, width, height);
  }
  std::optional<WatchAction> press(std::string_view keys, std::int64_t now_ms = kSeen) {
    return screen_.press(keys, now_ms);
  }

  WatchScreen screen_{false};
};

TEST_F(Watch, AnEmptyDeskSaysSo) {
  show({});
  EXPECT_THAT(frame(), HasSubstr("stayd: nothing is waiting"));
  EXPECT_FALSE(press("a"));
  EXPECT_THAT(frame(), HasSubstr("Nothing is waiting"));
}

TEST_F(Watch, OpenTicketsAreCountedListedAndTheFirstIsShown) {
  show({ticket_json(2), ticket_json(1), ticket_json(3, "approved")});
  const std::string text = frame();
  EXPECT_THAT(text, HasSubstr("2 tickets open, 2 threads held, the oldest for 2m04s"));
  EXPECT_THAT(text, HasSubstr(">     1 "));
  EXPECT_THAT(text, HasSubstr("Ticket 1  open  held 2m04s"));
  EXPECT_LT(text.find(">     1 "), text.find("      2 "));
  EXPECT_LT(text.find("      2 "), text.find("      3 "));
  EXPECT_THAT(text, HasSubstr("a approve once"));
}

TEST_F(Watch, OneKeyApprovesWhatIsSelected) {
  show({ticket_json(1), ticket_json(2)});
  EXPECT_FALSE(press("j"));
  const auto once = press("a");
  ASSERT_TRUE(once);
  EXPECT_EQ(once->kind, WatchAction::Kind::approve);
  EXPECT_EQ(once->ticket, 2u);
  EXPECT_EQ(once->digest, "d2");
  EXPECT_EQ(once->grant_for.count(), 0);
  const auto for_a_while = press("g");
  ASSERT_TRUE(for_a_while);
  EXPECT_EQ(for_a_while->grant_for, std::chrono::minutes(15));
}

TEST_F(Watch, ADenialAsksWhy) {
  show({ticket_json(1)});
  EXPECT_FALSE(press("d"));
  EXPECT_THAT(frame(), HasSubstr("Deny ticket 1, because: _"));
  EXPECT_FALSE(press("\r"));
  EXPECT_FALSE(press("nope"));
  EXPECT_FALSE(press("\x7f\x7f t q"));
  EXPECT_THAT(frame(), HasSubstr("because: no t q_"));
  const auto action = press("\r");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->kind, WatchAction::Kind::deny);
  EXPECT_EQ(action->ticket, 1u);
  EXPECT_EQ(action->digest, "d1");
  EXPECT_EQ(action->reason, "no t q");
}

TEST_F(Watch, EscapeTakesADenialBack) {
  show({ticket_json(1)});
  press("d");
  press("no");
  EXPECT_FALSE(press("\x1b"));
  EXPECT_THAT(frame(), HasSubstr("goes on waiting"));
  press("d");
  EXPECT_THAT(frame(), HasSubstr("because: _"));
}

TEST_F(Watch, AReasonGoesToTheTicketItWasTypedFor) {
  show({ticket_json(1), ticket_json(2)});
  press("d");
  press("no");
  show({ticket_json(2)});
  EXPECT_EQ(press("\r")->ticket, 1u);
}

TEST_F(Watch, AReasonMayBeAnyText) {
  show({ticket_json(1)});
  press("d");
  press("\xc3\xbc\xc3\xa4");
  EXPECT_THAT(frame(), HasSubstr("because: \\u{00fc}\\u{00e4}_"));
  press("\x7f");
  EXPECT_EQ(press("\r")->reason, "\xc3\xbc");
  press("d");
  for (int i = 0; i < 100; ++i) press(std::string(100, 'x'));
  EXPECT_TRUE(is_harmless(frame(40, 8)));
  EXPECT_LE(press("\r")->reason.size(), 1000u);
}

TEST_F(Watch, TheSelectionFollowsItsTicket) {
  show({ticket_json(5), ticket_json(6)});
  press("j");
  show({ticket_json(3), ticket_json(4), ticket_json(5), ticket_json(6), ticket_json(7)});
  EXPECT_EQ(press("a")->ticket, 6u);
}

TEST_F(Watch, AnAnswerWaitsUntilANewSelectionCanHaveBeenSeen) {
  show({ticket_json(1), ticket_json(2)}, kNow);
  show({ticket_json(2)}, kSeen);
  EXPECT_FALSE(press("a", kSeen + 100));
  EXPECT_THAT(frame(), HasSubstr("The selection has just moved to ticket 2"));
  EXPECT_TRUE(press("a", kSeen + 700));
  show({ticket_json(3)}, kSeen);
  EXPECT_FALSE(press("d", kSeen + 100));
  EXPECT_THAT(frame(), Not(HasSubstr("because")));
}

TEST_F(Watch, AfterAnAnswerTheNextQuestionIsSelected) {
  show({ticket_json(1), ticket_json(2)});
  show({ticket_json(1, "approved"), ticket_json(2)});
  EXPECT_EQ(press("a", kSeen)->ticket, 2u);
  show({ticket_json(1, "approved"), ticket_json(2, "approved")});
  EXPECT_FALSE(press("a"));
  EXPECT_THAT(frame(), HasSubstr("Ticket 2 has ended: approved"));
  show({ticket_json(1, "approved"), ticket_json(2, "approved"), ticket_json(3)});
  EXPECT_THAT(frame(), HasSubstr(">     3 "));
}

TEST_F(Watch, PastedTextAnswersNothing) {
  show({ticket_json(1)});
  EXPECT_FALSE(press("have a good day"));
  EXPECT_THAT(frame(), HasSubstr("nothing was answered"));
  EXPECT_TRUE(press("a"));
}

TEST_F(Watch, EnterShowsEverythingAndGoesBack) {
  show({ticket_json(1), ticket_json(2)});
  EXPECT_THAT(frame(), Not(HasSubstr("Digest     d1")));
  press("\r");
  EXPECT_THAT(frame(), HasSubstr("Digest     d1"));
  EXPECT_THAT(frame(), Not(HasSubstr("      2 ")));
  for (int i = 0; i < 50; ++i) press("j");
  EXPECT_THAT(frame(100, 10), HasSubstr("Digest     d1"));
  EXPECT_THAT(frame(100, 10), Not(HasSubstr("Ticket 1")));
  for (int i = 0; i < 20; ++i) press("\x1b[A");
  EXPECT_THAT(frame(100, 10), HasSubstr("Ticket 1"));
  show({ticket_json(1, "expired"), ticket_json(2)});
  EXPECT_THAT(frame(), HasSubstr("Ticket 1  expired"));
  EXPECT_FALSE(press("a"));
  press("\x1b");
  EXPECT_THAT(frame(), HasSubstr("      2 "));
}

TEST_F(Watch, AMessageStaysUntilTheNextKey) {
  show({ticket_json(1)});
  screen_.set_message("ticket 1: \x1b[31mexpired", true);
  EXPECT_THAT(frame(), HasSubstr("ticket 1: ?[31mexpired"));
  press("k");
  EXPECT_THAT(frame(), Not(HasSubstr("expired")));
}

TEST_F(Watch, QuitIsAnAction) { EXPECT_EQ(press("q")->kind, WatchAction::Kind::quit); }

TEST_F(Watch, ManyTicketsScrollAndSayHowMany) {
  std::vector<json> tickets;
  for (std::uint64_t id = 1; id <= 64; ++id) tickets.push_back(ticket_json(id));
  show(std::move(tickets));
  EXPECT_THAT(frame(), HasSubstr("rows 1 to 8 of 64"));
  for (int i = 0; i < 100; ++i) press("\x1b[B");
  EXPECT_THAT(frame(), HasSubstr(">    64 "));
  EXPECT_EQ(press("a")->ticket, 64u);
}

TEST_F(Watch, ACardWithoutRoomSaysWhatIsHidden) {
  json ticket = ticket_json(1);
  ticket["operation"]["path"] = std::string(2000, 'a');
  show({ticket});
  EXPECT_THAT(frame(80, 20), HasSubstr("... 54 more lines\nIn short   python3.11 in"));
}

// Whatever is listed and pressed, the frame fits the screen and holds nothing of a workload's
// but printable characters.
TEST(WatchProperties, EveryFrameFitsAndIsHarmless) {
  static const char* const kKeys[] = {"j", "k",    "a",    "g", "d",      "\r",
                                      "x", "\x1b", "\x7f", "q", "\x1b[A", "\x1b[B"};
  static const char* const kOutcomes[] = {"open", "open", "approved", "expired"};
  std::mt19937 random(1);
  WatchScreen screen(true);
  std::int64_t now = kNoonMs;
  for (int round = 0; round < 1000; ++round) {
    now += random() % 1000;
    if (random() % 3 == 0) {
      json tickets = json::array();
      for (std::size_t i = random() % 12; i > 0; --i) {
        json ticket = ticket_json(1 + random() % 20, kOutcomes[random() % 4]);
        if (random() % 2 == 0) {
          replace_strings(ticket["operation"], std::string(random() % 300, '\x9b') + "\x1b[2J\n");
        }
        tickets.push_back(std::move(ticket));
      }
      screen.set_tickets(tickets, now);
    }
    screen.press(kKeys[random() % std::size(kKeys)], now);
    const int width = static_cast<int>(random() % 150);
    const int height = static_cast<int>(random() % 50);
    const std::string frame = screen.frame(now, width, height);
    ASSERT_TRUE(is_harmless(frame)) << frame;
    ASSERT_EQ(std::count(frame.begin(), frame.end(), '\n'), std::max(height, 8));
    long columns = 0;
    for (std::size_t i = 0; i < frame.size(); ++i) {
      if (frame[i] == '\x1b') {
        i = frame.find('m', i);
      } else {
        columns = frame[i] == '\n' ? 0 : columns + 1;
        ASSERT_LE(columns, std::max(width, 40)) << frame;
      }
    }
  }
}

}  // namespace
}  // namespace stayd::terminal
