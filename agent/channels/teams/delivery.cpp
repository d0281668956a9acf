// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/delivery.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "http/client/retry_after.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kMaxRetryAfter = std::chrono::hours(1);
constexpr std::size_t kMaxAnswer = 1024 * 1024;
constexpr std::size_t kMaxId = 1024;

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
    case 408:
    case 412:
    case 429:
      return Delivery::again;
    case 413:
      return Delivery::too_large;
    default:
      return status >= 500 ? Delivery::again : Delivery::refused;
  }
}

// "BotNotInConversationRoster": a word, and not what else the other side may say.
std::string code_of(const json& answer) {
  std::string code = text_at(member_at(answer, "error"), "code", kMaxId);
  const bool word = code.size() <= 64 &&
                    std::ranges::all_of(code, [](unsigned char c) { return std::isalnum(c) != 0; });
  return word ? code : std::string();
}

}  // namespace

Delivered read_delivery(const http::Response& response, TimePoint now) {
  Result<json> body = parse_json(response.body, {kMaxAnswer, 32});
  const json answer = body && body->is_object() ? std::move(*body) : json::object();
  Delivered delivered{.what = kind_of(response.status)};
  // A server that failed half-way, or a gateway that gave up waiting, may have posted it.
  delivered.certainly_not_posted = delivered.what != Delivery::done && response.status != 408 &&
                                   (response.status < 500 || response.status == 503);
  delivered.accepted = response.status == 202;
  if (delivered.what == Delivery::done) {
    delivered.conversation = text_at(answer, "id", kMaxId);
    delivered.activity = text_at(answer, "activityId", kMaxId);
    return delivered;
  }
  const std::string code = code_of(answer);
  delivered.error = "status " + std::to_string(response.status) + (code.empty() ? "" : ", " + code);
  if (const auto field = http::only_value(response.fields, http::field::retry_after))
    delivered.wait =
        http::parse_retry_after(*field, now, kMaxRetryAfter).value_or(std::chrono::milliseconds(0));
  return delivered;
}

Delivered read_failure(const Error& error) {
  Delivered delivered{.what = Delivery::again};
  delivered.certainly_not_posted =
      error.kind == ErrorKind::not_sent || error.kind == ErrorKind::no_token;
  delivered.error = error.message;
  delivered.kind = error.kind;
  return delivered;
}

}  // namespace stayd::teams
