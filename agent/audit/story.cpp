// SPDX-License-Identifier: Apache-2.0
#include "audit/story.h"

#include "audit/chain.h"
#include "base/json.h"

namespace stayd::audit {

using nlohmann::json;

Story::Story(TicketId ticket) : ticket_(ticket), needle_("\"ticket\":" + std::to_string(ticket)) {}

void Story::add(std::string_view line) {
  // Most lines are of other tickets, and reading JSON takes its time.
  if (line.find(needle_) == line.npos || !parse_line(line)) return;
  Result<json> event = parse_json(line);
  if (!event || !event->is_object()) return;
  const auto ticket = event->find("ticket");
  if (ticket == event->end() || *ticket != ticket_) return;
  if (events_ == kMaxEvents) {
    ++left_out_;
    return;
  }
  ++events_;
  if (tellings_.empty() || (*event)["event"] == "ticket_opened") tellings_.emplace_back();
  tellings_.back().push_back(std::move(*event));
}

}  // namespace stayd::audit
