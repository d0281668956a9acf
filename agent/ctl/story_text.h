// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "audit/story.h"

namespace stayd {

// The story of a ticket for people, several lines for each telling: times, what was asked, who
// answered, grants, releases, outcome. Printable ASCII, newlines and, with `colour`, our own
// escape sequences, whatever the record holds. `width` is in columns.
std::string story_text(const audit::Story& story, TicketId ticket, int width, bool colour);

}  // namespace stayd
