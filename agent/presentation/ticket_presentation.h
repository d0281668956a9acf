// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/untrusted.h"
#include "presentation/ticket_facts.h"

// The words in which a ticket is shown to people, once for every channel: which facts, in which
// order. A channel lays it out and adds nothing but its own buttons.
namespace stayd {

enum class Emphasis : std::uint8_t { plain, minor, warning };

// For whom a line is. Rows with what is needed come before those with details.
enum class Level : std::uint8_t {
  needed,    // nobody should answer without it
  usual,     // details, which a channel folds away if it can
  thorough,  // for somebody who looks closer
};

struct Line {
  Shown text;
  Level level = Level::needed;
  Emphasis emphasis = Emphasis::plain;
  bool verbatim = false;  // mostly names that the workload chose: monospace where there is that
};

// A label, and what stands beside it.
struct Row {
  Literal label;
  std::vector<Line> lines;  // at least one
  bool in_status = false;   // status_of() says the same, in a form that is true for a moment only
  std::optional<TimePoint> time{};  // that the first line says in UTC, for the reader's own zone
};

struct TicketPresentation {
  Literal heading;  // "Approval needed: open a file", "Denied"
  Shown sentence;   // who wants to do what, to what: sentence_of()
  std::vector<Row> rows;
};

// Lists are cut after `max_items`, and say so.
TicketPresentation present(const TicketFacts& ticket, std::size_t max_items);

// "open", "flood", "cannot wait", "denied": for lists.
Shown state_of(const TicketFacts& ticket);

// "held 2m03s, 27m57s left, 1 thread waiting", "ended after 1s, 2m02s ago"; true at `now`.
Shown status_of(const TicketFacts& ticket, TimePoint now);

// Says what an answer has brought about: "approved: the operation goes on".
Shown result_of(const TicketFacts& ticket);

}  // namespace stayd
