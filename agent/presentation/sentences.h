// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "base/untrusted.h"
#include "presentation/ticket_facts.h"

// Parts of what is said of a ticket, for whoever says less than the whole of it.
namespace stayd {

// "45s", "2m03s", "1h02m", "3d04h"; negative counts as zero.
Shown duration_text(std::chrono::milliseconds time);

// "2026-01-31 09:05:07 UTC"
Shown utc_text(TimePoint time);

// "1 thread", "2 threads".
Shown count_text(std::uint64_t count, Literal noun);

// "a, b, and 3 more": at most `max` of them.
template <class List, class Text>
Shown list_text(const List& list, std::size_t max, Text text_of) {
  Shown line;
  const std::size_t shown = std::min(list.size(), max);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) line += ", ";
    line += text_of(list[i]);
  }
  if (shown < list.size()) line += ", and " + number(list.size() - shown) + " more";
  return line;
}
Shown list_text(const std::vector<Escaped>& texts, std::size_t max);

// "open for reading", "connect to", "run", …; then with the object.
Shown action_of(const TicketFacts& ticket);
Shown operation_text(const TicketFacts& ticket);

// One sentence: "python3.11 in agent.service wants to read /srv/customers/list.csv."
Shown sentence_of(const TicketFacts& ticket);

// "git -c … [18 arguments left out] push --force": at most `max` arguments, of which head and tail
// stay. Arguments that repeat are counted: "-v [20 times]". `more` arguments were in the middle of
// the list and are not in it any more.
Shown command_line(const std::vector<Escaped>& arguments, std::size_t max, std::size_t more = 0);

// "/usr/bin/python3.11 [4242]"
Shown program_text(const TicketFacts& ticket);

// "uid 1000 (alice), gid 1000, logged in as uid 1000 (alice)"
Shown user_text(const TicketFacts& ticket);

// "/usr/bin/bash [4200]"
Shown ancestor_text(const CallerFacts::Ancestor& ancestor);

// Says what the ticket's approval allows besides the operation: "repeats by this process for
// 15m00s, at most 3 times", "reading any file in /srv/x and below it, as far as this rule holds it,
// for 15m00s"; empty for once.
Shown repeats_text(const TicketFacts& ticket, const DecisionFacts& decision);

}  // namespace stayd
