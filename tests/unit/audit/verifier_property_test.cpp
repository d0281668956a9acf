// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/audit/chain_builder.h"

namespace stayd {
namespace {

using namespace test;
using audit::Verification;

// Whoever tampers has no key; the auditor has the public one and, where it is said, the head.
class EveryTampering : public testing::Test {
 protected:
  std::map<std::uint64_t, std::string> head(const ChainBuilder& chain) const {
    return {{chain.head().number, chain.head().hash}};
  }
  static std::uint64_t line_at(const std::string& text, std::size_t byte) {
    return static_cast<std::uint64_t>(
               std::count(text.begin(), text.begin() + static_cast<long>(byte), '\n')) +
           1;
  }

  std::mt19937 random_{7};
};

TEST_F(EveryTampering, AnyFlippedBitIsFoundInItsLine) {
  for (int round = 0; round < 2; ++round) {
    ChainBuilder chain = random_chain(random_, 4);
    const std::string text = text_of(chain.lines());
    for (std::size_t byte = 0; byte < text.size(); ++byte) {
      std::string flipped = text;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << random_() % 8));
      const Verification found =
          verify_text(flipped, {{chain.key().public_key()}, head(chain), true});
      ASSERT_FALSE(found.problems.empty()) << "byte " << byte;
      ASSERT_TRUE(names_line(found, line_at(text, byte)))
          << "line " << line_at(text, byte) << ", byte " << byte << "\n"
          << flipped << findings(found);
    }
  }
}

TEST_F(EveryTampering, AFlippedBitBeforeTheLastSignatureNeedsNoHead) {
  ChainBuilder chain = random_chain(random_, 4);
  const std::string text = text_of(chain.lines());
  for (std::size_t byte = 0; byte < text.size() - chain.lines().back().size() - 1; ++byte) {
    std::string flipped = text;
    flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << random_() % 8));
    const Verification found = verify_text(flipped, {{chain.key().public_key()}, {}, true});
    ASSERT_FALSE(found.problems.empty()) << "byte " << byte;
    ASSERT_TRUE(names_line(found, line_at(text, byte))) << byte << "\n" << findings(found);
  }
}

TEST_F(EveryTampering, AnyLineThatIsTakenOutOrDoubledIsNamed) {
  ChainBuilder chain = random_chain(random_, 12);
  for (std::size_t i = 0; i < chain.lines().size(); ++i) {
    Lines lines = chain.lines();
    lines.erase(lines.begin() + static_cast<long>(i));
    Verification found = verify(lines, chain.key(), head(chain), true);
    const std::string number = "number " + std::to_string(i + 1);
    ASSERT_FALSE(found.problems.empty());
    // The first one is missed by where the record begins.
    ASSERT_NE(findings(found).find(number), std::string::npos) << i << findings(found);

    for (std::size_t to = 0; to <= chain.lines().size(); ++to) {
      lines = chain.lines();
      lines.insert(lines.begin() + static_cast<long>(to), chain.lines()[i]);
      found = verify(lines, chain.key(), head(chain), true);
      ASSERT_FALSE(found.problems.empty());
      // A copy right before its original leaves the question which of the two it is.
      ASSERT_TRUE(names_line(found, to + 1) || names_line(found, to + 2))
          << i << " to " << to << "\n"
          << findings(found);
    }
  }
}

TEST_F(EveryTampering, AnyTwoLinesThatChangePlacesAreNamed) {
  ChainBuilder chain = random_chain(random_, 10);
  for (std::size_t a = 0; a < chain.lines().size(); ++a) {
    for (std::size_t b = a + 1; b < chain.lines().size(); ++b) {
      Lines lines = chain.lines();
      std::swap(lines[a], lines[b]);
      const Verification found = verify(lines, chain.key(), head(chain), true);
      ASSERT_FALSE(found.problems.empty());
      ASSERT_TRUE(names_line(found, a + 1) || names_line(found, a + 2)) << a << ' ' << b << "\n"
                                                                        << findings(found);
      ASSERT_TRUE(names_line(found, b + 1)) << a << ' ' << b << "\n" << findings(found);
    }
  }
}

TEST_F(EveryTampering, AnyCutEndIsFoundByTheHead) {
  ChainBuilder chain = random_chain(random_, 6);
  const std::string text = text_of(chain.lines());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    const Verification found =
        verify_text(text.substr(0, size), {{chain.key().public_key()}, head(chain), true});
    ASSERT_FALSE(found.problems.empty()) << size;
  }
}

TEST_F(EveryTampering, AnyBlockOfAnotherRecordOrAnotherPlaceIsNamed) {
  for (int round = 0; round < 100; ++round) {
    ChainBuilder chain = random_chain(random_, 12);
    ChainBuilder other = random_chain(random_, 12);
    const Lines& source = round % 2 == 0 ? other.lines() : chain.lines();
    const std::size_t size = 1 + random_() % 4;
    const std::size_t from = random_() % (source.size() - size);
    const std::size_t to = random_() % (chain.lines().size() - size);
    if (&source == &chain.lines() && from == to) continue;
    Lines lines = chain.lines();
    const bool replaces = random_() % 2 == 0;
    if (replaces)
      lines.erase(lines.begin() + static_cast<long>(to),
                  lines.begin() + static_cast<long>(to + size));
    lines.insert(lines.begin() + static_cast<long>(to), source.begin() + static_cast<long>(from),
                 source.begin() + static_cast<long>(from + size));
    const Verification found = verify(lines, chain.key(), head(chain), true);
    ASSERT_FALSE(found.problems.empty());
    bool named = false;
    for (std::size_t line = to; line <= to + size + 1; ++line)
      named = named || names_line(found, line);
    ASSERT_TRUE(named) << "round " << round << ": " << size << " lines from " << from << " to "
                       << to << "\n"
                       << findings(found);
  }
}

TEST_F(EveryTampering, WhatIsSaidToBeProvenWasNotTouched) {
  for (int round = 0; round < 150; ++round) {
    ChainBuilder chain = random_chain(random_, 12);
    ChainBuilder other = random_chain(random_, 12);
    Lines lines = chain.lines();
    for (std::size_t changes = 1 + random_() % 3; changes != 0; --changes) {
      const auto at = lines.begin() + static_cast<long>(random_() % lines.size());
      switch (random_() % 4) {
        case 0:
          at->replace(random_() % at->size(), 1, "0");
          break;
        case 1:
          lines.erase(at);
          break;
        case 2:
          *at = other.lines()[random_() % other.lines().size()];
          break;
        default:
          std::iter_swap(at, lines.begin());
      }
    }
    const Verification found = verify(lines, chain.key());
    for (const audit::Range& range : found.proven)
      for (std::uint64_t number = range.first; number <= range.last; ++number)
        ASSERT_NE(std::ranges::find(lines, chain.lines().at(number - 1)), lines.end())
            << "number " << number << " is not as it was written\n"
            << findings(found);
  }
}

}  // namespace
}  // namespace stayd
