// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/test_cards.h"

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "channels/teams/nonce.h"

namespace stayd::teams {

Result<std::string> TestCards::add() {
  const Result<std::string> nonce = new_nonce();
  if (!nonce) return nonce.error();
  if (tests_.size() >= kMax) tests_.erase(tests_.begin());
  Test& test = tests_[++last_];
  test.id = "test-" + std::to_string(last_);
  test.nonce = *nonce;
  return {boost::system::in_place_value, test.id};
}

TestCards::Test* TestCards::find(const std::string& id) {
  for (auto& [number, test] : tests_)
    if (test.id == id) return &test;
  return nullptr;
}

nlohmann::json to_json(const TestCards::Test& test) {
  nlohmann::json places = nlohmann::json::array();
  nlohmann::json problems = nlohmann::json::array();
  for (const auto& [place, card] : test.cards) places.push_back(escape(place));
  for (const std::string& problem : test.problems) problems.push_back(escape(problem));
  const char* waits = test.under_way > 0 ? "posting" : "waiting";
  return {{"ticket", test.id},
          {"state", test.answer.empty() ? waits : "answered"},
          {"places", std::move(places)},
          {"problems", std::move(problems)},
          {"answer", test.answer.empty() ? nlohmann::json(nullptr) : nlohmann::json(test.answer)},
          {"by", escape(test.by)},
          {"account", escape(test.account)}};
}

}  // namespace stayd::teams
