// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/delivery.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "http/retry_after.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kLongestRetryAfter = std::chrono::hours(1);
constexpr std::size_t kLargestAnswer = 1024 * 1024;
constexpr std::size_t kLongestId = 1024;

Delivery kind_of(unsigned status) {
  switch (status) {
    case 200:
    case 201:
    case 202:
      return Delivery::done;
    case 401:
      return Delivery::unauthorized;
    case 403:
      return Delivery::unreachable;
    case 404:
      return Delivery::gone;
    case 412:
    case 429:
    case 502:
    case 503:
    case 504:
      return Delivery::again;
    default:
      return Delivery::refused;
  }
}

std::string text_of(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end()) return {};
  const auto* text = member->get_ptr<const std::string*>();
  return text != nullptr && text->size() <= kLongestId ? *text : std::string();
}

// "BotNotInConversationRoster": a word, and not what else the other side may say.
std::string code_of(const json& answer) {
  const auto error = answer.find("error");
  std::string code =
      error != answer.end() && error->is_object() ? text_of(*error, "code") : std::string();
  const bool word = code.size() <= 64 &&
                    std::ranges::all_of(code, [](unsigned char c) { return std::isalnum(c) != 0; });
  return word ? code : std::string();
}

}  // namespace

Delivered read_delivery(const http::Response& response, TimePoint now) {
  Result<json> body = parse_json(response.body, {kLargestAnswer, 32});
  const json answer = body && body->is_object() ? std::move(*body) : json::object();
  Delivered delivered{.what = kind_of(response.status)};
  // A gateway that gave up waiting does not know.
  delivered.arrived_not =
      delivered.what != Delivery::done && response.status != 502 && response.status != 504;
  if (delivered.what == Delivery::done) {
    delivered.conversation = text_of(answer, "id");
    delivered.activity = text_of(answer, "activityId");
    return delivered;
  }
  const std::string code = code_of(answer);
  delivered.error = "status " + std::to_string(response.status) + (code.empty() ? "" : ", " + code);
  if (const auto field = http::only_value(response.fields, http::field::retry_after))
    delivered.wait = http::parse_retry_after(*field, now, kLongestRetryAfter)
                         .value_or(std::chrono::milliseconds(0));
  return delivered;
}

Delivered read_failure(const std::string& error) {
  Delivered delivered{.what = Delivery::again};
  delivered.arrived_not = error.find("not sent") != std::string::npos;
  delivered.error = error;
  return delivered;
}

}  // namespace stayd::teams
