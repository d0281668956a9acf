// SPDX-License-Identifier: Apache-2.0
#include "ctl/hook_input.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/json.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxSession = 96;
constexpr std::size_t kMaxEvent = 32;
constexpr std::size_t kMaxError = 4096;
constexpr std::size_t kMaxDepth = 64;

bool is_word(const std::string& text) {
  return text.size() <= kMaxEvent && std::ranges::all_of(text, [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

// {"tool_response": {"error": TEXT}}, or {…: {"message": TEXT}}
std::string error_in(const nlohmann::json& input) {
  const nlohmann::json& response = member_at(input, "tool_response");
  const nlohmann::json& error = member_at(response, "error");
  const std::string text =
      error.is_object() ? text_at(error, "message") : text_at(response, "error");
  return text.empty() ? "" : escape(text, kMaxError);
}

}  // namespace

HookInput read_hook_input(std::string_view text) {
  HookInput input;
  const Result<nlohmann::json> read =
      parse_json(text, {.bytes = kMaxHookInput, .depth = kMaxDepth});
  if (!read) return input;
  if (const std::string session = text_at(*read, "session_id"); !session.empty())
    input.session = escape(session, kMaxSession);
  if (const std::string event = text_at(*read, "hook_event_name"); is_word(event))
    input.event = event;
  input.error = error_in(*read);
  return input;
}

}  // namespace stayd
