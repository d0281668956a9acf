// SPDX-License-Identifier: Apache-2.0
#include "ctl/ticket_feed.h"

#include <algorithm>

namespace stayd {
namespace {

using namespace std::chrono_literals;

// Many changes at once are shown as a few.
constexpr auto kBetweenLists = 50ms;
constexpr auto kAfterError = 1s;
// stayd answers after 30 s even if nothing changes.
constexpr auto kPatience = 40s;

}  // namespace

std::chrono::milliseconds TicketFeed::time_left(Time now) const {
  // Rounded up, or a caller would turn idly for the last fraction.
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(next_ - now), 0ms);
}

std::optional<Result<nlohmann::json>> TicketFeed::step(bool readable, Time now) {
  if (!readable && now < next_) return std::nullopt;
  if (client_.fd() < 0) {
    Result<> asked = ask(now);
    if (asked) return std::nullopt;
    return asked.error();
  }

  Result<nlohmann::json> list =
      readable ? read() : Error{"stayd does not answer; it may be stopped or overloaded"};
  if (!list) {
    // A daemon that was restarted counts its revisions anew.
    revision_.reset();
    client_.cancel();
    next_ = now + kAfterError;
    return list;
  }
  next_ = now + kBetweenLists;
  const std::uint64_t revision = (*list)["revision"].get<std::uint64_t>();
  if (revision == revision_) return std::nullopt;
  revision_ = revision;
  note_announcements(list->value("announcements", nlohmann::json::array()));
  return Result<nlohmann::json>(boost::system::in_place_value, std::move((*list)["tickets"]));
}

// A daemon that was restarted counts anew.
void TicketFeed::note_announcements(const nlohmann::json& list) {
  std::uint64_t last = 0;
  for (const nlohmann::json& each : list) {
    if (!each.is_object()) continue;
    last = each.value("number", std::uint64_t{0});
    if (last_announcement_ && last > *last_announcement_)
      announced_.push_back(each.value("text", ""));
  }
  last_announcement_ = last;
}

Result<> TicketFeed::ask(Time now) {
  std::string target = "/v1/tickets?all=1";
  if (revision_) target += "&wait=30&since=" + std::to_string(*revision_);
  Result<> begun = client_.begin("GET", target);
  next_ = now + (begun ? std::chrono::milliseconds(kPatience) : kAfterError);
  return begun;
}

Result<nlohmann::json> TicketFeed::read() {
  Result<nlohmann::json> list = client_.finish();
  if (!list) return list;
  const bool is_list = list->is_object() && list->contains("revision") &&
                       (*list)["revision"].is_number_unsigned() && list->contains("tickets") &&
                       (*list)["tickets"].is_array();
  if (!is_list) return Error{"stayd sent no list of tickets"};
  return list;
}

}  // namespace stayd
