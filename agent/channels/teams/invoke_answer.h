// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http/message.h"

namespace stayd::teams {

// Answers to an invoke: the status of HTTP is 200 for all of them, or Teams shows a failure of the
// bot, and the body is the whole object.

http::Reply answer_with_card(const nlohmann::json& card);  // in place of the one that was pressed
http::Reply answer_with_text(const std::string& text);     // beside it: others still need the card
http::Reply answer_bad_request(const std::string& text);

}  // namespace stayd::teams
