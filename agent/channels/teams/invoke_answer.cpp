// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/invoke_answer.h"

#include "base/json.h"

namespace stayd::teams {
namespace {

http::Reply answer(unsigned code, const char* type, nlohmann::json value) {
  http::Reply reply;
  reply.body = dump({{"statusCode", code}, {"type", type}, {"value", std::move(value)}});
  return reply;
}

}  // namespace

http::Reply answer_with_card(const nlohmann::json& card) {
  return answer(200, "application/vnd.microsoft.card.adaptive", card);
}

http::Reply answer_with_text(const std::string& text) {
  return answer(200, "application/vnd.microsoft.activity.message", text);
}

http::Reply answer_bad_request(const std::string& text) {
  return answer(400, "application/vnd.microsoft.error",
                {{"code", "BadRequest"}, {"message", text}});
}

}  // namespace stayd::teams
