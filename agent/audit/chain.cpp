// SPDX-License-Identifier: Apache-2.0
#include "audit/chain.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/json.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

constexpr std::string_view kHashDomain = "stayd record line 1\n";
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kMaxTime = 40;
constexpr std::size_t kMaxEvent = 64;

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// The characters in front that `fits` takes, at most `most`.
template <class Fits>
std::string_view take_while(std::string_view& text, std::size_t most, Fits fits) {
  std::size_t size = 0;
  while (size < text.size() && size < most && fits(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_name(char c) { return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z'); }
bool is_time(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

bool is_event_name(const std::string& name) {
  return !name.empty() && name.size() <= kMaxEvent && std::ranges::all_of(name, is_name);
}

// Refuses members that the record itself writes into each line.
Result<> check_members(const json& event) {
  if (!event.is_object()) return Error{"an event is not an object"};
  const auto name = event.find("event");
  const auto time = event.find("time");
  if (name == event.end() || !name->is_string() || !is_event_name(name->get<std::string>()))
    return Error{"an event has no name"};
  if (time == event.end() || !time->is_string()) return Error{"an event has no time"};
  const auto& text = time->get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxTime || !std::ranges::all_of(text, is_time))
    return Error{"an event has no time"};
  if (event.contains("seq") || event.contains("prev"))
    return Error{"an event has a member that is the chain's"};
  return {};
}

}  // namespace

std::string hash_of(std::string_view line) {
  RunningDigest digest;
  digest.add(kHashDomain);
  digest.add(line);
  return digest.hex();
}

Result<std::string> line_text(const Head& head, const Redacted& event) {
  if (Result<> fine = check_members(event.value()); !fine) return fine.error();
  json rest = event.value();
  std::string text = R"({"seq":)" + std::to_string(head.number + 1) + R"(,"prev":")" + head.hash +
                     R"(","time":)" + dump(rest["time"]) + R"(,"event":)" + dump(rest["event"]);
  rest.erase("time");
  rest.erase("event");
  text += rest.empty() ? "}" : "," + dump(rest).substr(1);
  if (text.size() > kMaxLine)
    return Error{"an event of " + std::to_string(text.size()) + " bytes is too large"};
  return {boost::system::in_place_value, std::move(text)};
}

Result<Line> parse_line(std::string_view text) {
  if (text.size() > kMaxLine) return Error{"it is too long"};
  Line line;
  line.text = text;
  std::string_view rest = text;
  const Error not_a_line{"it is not a line of a record"};
  if (!take(rest, R"({"seq":)")) return not_a_line;
  const std::string_view number = take_while(rest, 16, is_digit);
  if (number.empty() || number[0] == '0') return Error{"its number is not one"};
  std::from_chars(number.data(), number.data() + number.size(), line.number);
  if (line.number > kMaxNumber) return Error{"its number is not one"};
  if (!take(rest, R"(,"prev":")")) return not_a_line;
  line.previous = take_while(rest, kHashDigits, is_hex);
  if (line.previous.size() != kHashDigits) return Error{"its hash of the line before is not one"};
  if (!take(rest, R"(","time":")")) return not_a_line;
  line.time = take_while(rest, kMaxTime, is_time);
  if (line.time.empty() || !take(rest, R"(","event":")")) return not_a_line;
  line.event = take_while(rest, kMaxEvent, is_name);
  if (line.event.empty() || !take(rest, "\"") || rest.empty() || (rest[0] != ',' && rest[0] != '}'))
    return not_a_line;
  if (!text.ends_with('}') || !json::accept(text)) return Error{"it is not valid JSON"};
  return line;
}

}  // namespace stayd::audit
