// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "tickets/ticket.h"

namespace stayd {

// The directory of proposals: one file for each ticket, 0600, whole or not there. At most kMax;
// whoever has looked at one removes it. One thread.
class ProposalFiles {
 public:
  static constexpr std::size_t kMax = 256;

  struct Entry {
    TicketId ticket = 0;
    std::string policy;  // its name
    std::string path;
    TimePoint written{};
  };

  explicit ProposalFiles(std::string directory) : directory_(std::move(directory)) {}

  // Returns the path. The same ticket's, written again, takes the place of the first.
  Result<std::string> write(const Ticket& ticket, const std::string& text) const;
  // By ticket; what is not named as write() does is passed over. No directory: none.
  std::vector<Entry> list() const;

 private:
  std::string directory_;
};

}  // namespace stayd
