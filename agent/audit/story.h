// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tickets/ticket.h"

namespace stayd::audit {

// The story of one ticket in the record, from its question to its end, in the order of the lines.
// An id can come again after the store of tickets was lost: then there is a story for each.
class Story {
 public:
  static constexpr std::size_t kMaxEvents = 10'000;

  explicit Story(TicketId ticket);

  // Takes a line of the record if it is about the ticket.
  void add(std::string_view line);

  const std::vector<std::vector<nlohmann::json>>& tellings() const { return tellings_; }
  std::uint64_t left_out() const { return left_out_; }  // events beyond kMaxEvents

 private:
  TicketId ticket_;
  std::string needle_;
  std::vector<std::vector<nlohmann::json>> tellings_;
  std::size_t events_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace stayd::audit
