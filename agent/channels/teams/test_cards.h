// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "channels/teams/posted.h"

namespace stayd::teams {

// Cards that ask for nothing, to see whether questions and answers get through. Gone with the
// process. At most kMax; the oldest goes.
class TestCards {
 public:
  static constexpr std::size_t kMax = 16;

  struct Test {
    std::string id;     // "test-1"
    std::string nonce;  // of all its cards
    std::map<Place, PostedCard> cards;
    std::vector<std::string> problems;  // why it could not be posted somewhere
    std::size_t under_way = 0;          // cards that are being posted
    std::string answer;                 // "approved", "denied"; empty: it waits
    std::string by;                     // the person's name
    std::string account;
  };

  Result<std::string> add();
  Test* find(const std::string& id);

 private:
  std::size_t last_ = 0;
  std::map<std::size_t, Test> tests_;
};

// {ticket: id, state: "posting", "waiting" or "answered", places: [place], problems: [text],
// answer:
//  "approved" | "denied" | null, by, account}; escaped.
nlohmann::json to_json(const TestCards::Test& test);

}  // namespace stayd::teams
