// SPDX-License-Identifier: Apache-2.0
#include "audit/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/audit/chain_builder.h"

namespace stayd {
namespace {

using namespace test;
using audit::Head;
using audit::Range;
using audit::Verification;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Ten lines: 1 opened, 2 signature, 3 to 8 events, 9 closed, 10 signature.
class Verify : public testing::Test {
 protected:
  Verify() {
    chain_.open();
    for (int i = 3; i <= 8; ++i) chain_.add({{"event", "operation"}, {"i", i}});
    chain_.close();
  }
  Verification result() const { return verify(lines_of_interest(), chain_.key()); }
  const Lines& lines_of_interest() const { return lines_.empty() ? original() : lines_; }
  const Lines& original() const { return const_cast<ChainBuilder&>(chain_).lines(); }

  ChainBuilder chain_;
  Lines lines_;  // as they were tampered with; empty: not at all
};

TEST_F(Verify, AnIntactRecordIsProvenFromItsFirstLineToItsLast) {
  const Verification found = result();
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_THAT(found.notes, IsEmpty()) << findings(found);
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 10}));
  EXPECT_EQ(found.lines, 10u);
  EXPECT_EQ(found.last, chain_.head());
  EXPECT_TRUE(found.closed);
}

TEST_F(Verify, ALineThatWasChangedIsNamedAndTheRestIsStillProven) {
  lines_ = original();
  lines_[4].replace(lines_[4].find(R"("i":5)"), 5, R"("i":9)");
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.line, 5u);
  EXPECT_THAT(found.problems[0].what, HasSubstr("number 5 was changed after it was written"));
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 2}, Range{6, 10}));
}

TEST_F(Verify, ALineThatWasMadeNoLineIsNamed) {
  lines_ = original();
  lines_[4][0] = '[';
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.line, 5u);
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 2}, Range{6, 10}));
}

TEST_F(Verify, AMissingLineIsAGapWithItsNumber) {
  lines_ = original();
  lines_.erase(lines_.begin() + 4);
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].what, "number 5 is missing between number 4 (record:4) and number 6");
}

TEST_F(Verify, ACopyOfALineIsNamed) {
  lines_ = original();
  lines_.insert(lines_.begin() + 4, lines_[4]);
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.line, 6u);
  EXPECT_EQ(found.problems[0].what, "number 5: this line is a copy of the one before it");
}

TEST_F(Verify, TwoLinesThatChangedPlacesAreOutOfOrder) {
  lines_ = original();
  std::swap(lines_[3], lines_[4]);
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 2u) << findings(found);
  EXPECT_EQ(found.problems[0].what,
            "number 4 should stand before this line: the order was changed (see record:5)");
  EXPECT_EQ(found.problems[1].what, "number 4: out of order, after number 5");
}

TEST_F(Verify, ABlockThatWasMovedIsOneFinding) {
  lines_ = original();
  std::rotate(lines_.begin() + 2, lines_.begin() + 5, lines_.begin() + 8);
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 2u) << findings(found);
  EXPECT_EQ(found.problems[0].what,
            "numbers 3 to 5 should stand before this line: the order was changed (see record:6)");
  EXPECT_EQ(found.problems[1].what, "numbers 3 to 5: out of order, after number 8");
}

TEST_F(Verify, TwoWritersAreSeenByTheirCommonNumber) {
  ChainBuilder second(Head{8, audit::hash_of(original()[7])});
  second.add({{"event", "operation"}, {"from", "another"}});
  lines_ = original();
  lines_.insert(lines_.begin() + 9, second.lines()[0]);
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.line, 10u);
  EXPECT_THAT(found.problems[0].what,
              HasSubstr("two different lines with one number follow the same line, this one and "
                        "record:9: two writers wrote"));
}

TEST_F(Verify, LinesOfAnotherRecordDoNotFit) {
  ChainBuilder other;
  other.open();
  for (int i = 3; i <= 8; ++i) other.add({{"event", "operation"}, {"i", i}});
  lines_ = original();
  std::copy(other.lines().begin() + 3, other.lines().begin() + 6, lines_.begin() + 3);
  const Verification found = result();
  EXPECT_TRUE(names_line(found, 4)) << findings(found);
  EXPECT_TRUE(names_line(found, 6)) << findings(found);
  // Only what the signatures reach back to without a break.
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 2}, Range{7, 10}));
}

TEST_F(Verify, AnotherInstallationsSignatureIsNoProof) {
  const ChainBuilder other;
  const Verification found = verify(original(), other.key());
  ASSERT_FALSE(found.problems.empty());
  EXPECT_EQ(found.problems[0].where.line, 2u);
  EXPECT_THAT(found.problems[0].what,
              HasSubstr("is signed with the key " + chain_.key().public_key().id() +
                        ", which was not given"));
  EXPECT_THAT(found.proven, IsEmpty());
}

TEST_F(Verify, AForgedSignatureIsNamed) {
  // The attacker changes a line and makes the chain fit again, but has no key.
  ChainBuilder forger(Head{4, audit::hash_of(original()[3])});
  lines_ = Lines(original().begin(), original().begin() + 4);
  for (int i = 5; i <= 8; ++i) forger.add({{"event", "operation"}, {"i", 0}});
  std::string signature = original()[9];
  forger.add({{"event", "record_closed"}});
  const std::string forged_prev = forger.head().hash;
  signature.replace(signature.find(R"("prev":")") + 8, 64, forged_prev);
  forger.push(signature);
  lines_.insert(lines_.end(), forger.lines().begin(), forger.lines().end());
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].where.line, 10u);
  EXPECT_THAT(found.problems[0].what, HasSubstr("the signature of number 10 is not valid"));
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 2}));
}

TEST_F(Verify, LinesAfterTheLastSignatureAreNotProven) {
  lines_ = Lines(original().begin(), original().begin() + 7);
  const Verification found = result();
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_FALSE(found.closed);
  EXPECT_THAT(found.proven, ElementsAre(Range{1, 2}));
  EXPECT_EQ(found.last.number, 7u);
}

TEST_F(Verify, SignaturesThatWereTakenOutAreMissed) {
  ChainBuilder chain;
  chain.open(5);
  for (int i = 0; i < 20; ++i) chain.add({{"event", "operation"}});
  const Verification found = verify(chain.lines(), chain.key());
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_THAT(found.problems[0].what, HasSubstr("signatures were taken out"));
}

TEST_F(Verify, ACutEndIsFoundByAHeadThatWasKeptElsewhere) {
  lines_ = Lines(original().begin(), original().begin() + 2);
  EXPECT_TRUE(result().intact());
  const Verification found = verify(lines_, chain_.key(), {{10, audit::hash_of(original()[9])}});
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].what,
            "the record ends with number 2, and number 10 was expected: its end was cut off");
}

TEST_F(Verify, AnExpectedHeadProvesWhatLeadsToIt) {
  lines_ = Lines(original().begin(), original().begin() + 7);
  const std::string hash = audit::hash_of(lines_[6]);
  EXPECT_THAT(verify(lines_, chain_.key(), {{7, hash}}).proven, ElementsAre(Range{1, 7}));
  const Verification rewritten = verify(lines_, chain_.key(), {{7, std::string(64, '0')}});
  ASSERT_EQ(rewritten.problems.size(), 1u);
  EXPECT_THAT(rewritten.problems[0].what, HasSubstr("number 7 is not the line that was expected"));
}

TEST_F(Verify, WhatComesBeforeTheFirstLineIsAQuestionOnlyIfAllIsThere) {
  lines_ = Lines(original().begin() + 2, original().end());
  EXPECT_TRUE(result().intact());
  EXPECT_THAT(findings(result()), HasSubstr("what came before was not looked at"));
  const Verification found = verify(lines_, chain_.key(), {}, true);
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_THAT(found.problems[0].what, HasSubstr("no line of it says that numbers 1 to 2 were "
                                                "removed by retention"));
}

TEST_F(Verify, RetentionExplainsABeginning) {
  ChainBuilder chain(Head{7, audit::hash_of("seventh")});
  chain.open();
  chain.add(
      {{"event", "record_removed"}, {"up_to", {{"seq", 7}, {"hash", audit::hash_of("seventh")}}}});
  chain.sign();
  EXPECT_TRUE(verify(chain.lines(), chain.key(), {}, true).intact());
  chain.add({{"event", "record_removed"}, {"up_to", {{"seq", 7}, {"hash", Head{}.hash}}}});
  chain.sign();
  EXPECT_THAT(findings(verify(chain.lines(), chain.key(), {}, true)),
              HasSubstr("does not follow the line up to which older files were removed"));
}

TEST_F(Verify, TornBytesAreAccountedForOrAProblem) {
  const auto with = [&](const std::string& torn, const std::string& said) {
    ChainBuilder chain;
    chain.open();
    const std::size_t at = chain.lines().size();
    chain.add({{"event", "record_repaired"},
               {"torn_bytes", said.size() + 1},
               {"torn_sha256", sha256_hex(said + "\n")}});
    chain.sign();
    if (!torn.empty()) chain.lines().insert(chain.lines().begin() + static_cast<long>(at), torn);
    return verify(chain.lines(), chain.key());
  };
  const std::string torn = R"({"seq":3,"prev":"00#torn)";
  EXPECT_TRUE(with(torn, torn).intact()) << findings(with(torn, torn));
  EXPECT_THAT(findings(with(torn, torn)), HasSubstr("note record:3: 25 bytes were cut short"));
  EXPECT_TRUE(names_line(with(torn + "x", torn), 3)) << findings(with(torn + "x", torn));
  EXPECT_THAT(findings(with("", torn)), HasSubstr("that are not there"));
}

TEST_F(Verify, AnEndInTheMiddleOfALineIsSaid) {
  const std::string text = text_of(original()).substr(0, text_of(original()).size() - 40);
  const Verification found = verify_text(text, {{chain_.key().public_key()}, {}, false});
  EXPECT_TRUE(found.problems.empty()) << findings(found);
  EXPECT_THAT(findings(found), HasSubstr("note record:10: it ends in the middle of a line"));
  EXPECT_FALSE(found.closed);
}

TEST_F(Verify, LinesPutBehindACleanStopAreNotOfTheRecord) {
  chain_.add({{"event", "decision"}});
  const Verification found = result();
  ASSERT_EQ(found.problems.size(), 1u) << findings(found);
  EXPECT_EQ(found.problems[0].what, "number 11 follows a clean stop, and no start");
}

TEST_F(Verify, ClocksThatAreSetAreANoteAndNoProblem) {
  ChainBuilder chain;
  chain.open();
  for (const int hours : {5, 2, 9, 1}) {
    chain.set_time(kNoon + std::chrono::hours(hours));
    chain.add({{"event", "operation"}});
  }
  chain.close();
  const Verification found = verify(chain.lines(), chain.key());
  EXPECT_TRUE(found.intact()) << findings(found);
  EXPECT_THAT(findings(found), HasSubstr("times go back here, and 1 times more"));
}

TEST_F(Verify, NoLineIsNoRecord) { EXPECT_FALSE(verify({}, chain_.key()).intact()); }

}  // namespace
}  // namespace stayd
