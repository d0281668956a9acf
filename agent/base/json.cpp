// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace stayd {
namespace {

// Counted before parsing: destroying and dumping a parsed value takes stack per level.
std::size_t nesting_depth(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return std::to_string(line) + ":" + std::to_string(before.size() - line_start + 1);
}

// Watches a parser and remembers whether any object named a member twice.
class DuplicateWatch {
 public:
  bool operator()(int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      open_.emplace_back();
    } else if (event == Event::object_end) {
      open_.pop_back();
    } else if (event == Event::key) {
      found_ |= !open_.back().insert(parsed.get_ref<const std::string&>()).second;
    }
    return true;
  }
  bool found() const { return found_; }

 private:
  std::vector<std::set<std::string>> open_;  // the names seen in each object that is not over
  bool found_ = false;
};

Result<nlohmann::json> parse_without_duplicates(std::string_view text) {
  DuplicateWatch watch;
  nlohmann::json value = nlohmann::json::parse(text, std::ref(watch));
  if (watch.found()) return Error{"JSON has two members of one name"};
  return {boost::system::in_place_value, std::move(value)};
}

}  // namespace

std::string dump(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return Error{"JSON is larger than " + std::to_string(limits.bytes) + " bytes"};
  }
  if (nesting_depth(text) > limits.depth) {
    return Error{"JSON is nested deeper than " + std::to_string(limits.depth) + " levels"};
  }
  try {
    if (!limits.duplicate_members) return parse_without_duplicates(text);
    // json converts to and from nearly everything, so the alternative has to be named.
    return {boost::system::in_place_value, nlohmann::json::parse(text)};
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    return Error{"not valid JSON at " + line_and_column(text, offset)};
  } catch (const nlohmann::json::exception&) {
    return Error{"JSON holds a number that is out of range"};
  }
}

const nlohmann::json& member_at(const nlohmann::json& value, const char* name) {
  static const nlohmann::json kNull;
  if (!value.is_object()) return kNull;
  const auto found = value.find(name);
  return found == value.end() ? kNull : *found;
}

const nlohmann::json& list_at(const nlohmann::json& value, const char* name) {
  static const nlohmann::json kEmpty = nlohmann::json::array();
  const nlohmann::json& member = member_at(value, name);
  return member.is_array() ? member : kEmpty;
}

std::int64_t number_at(const nlohmann::json& value, const char* name) {
  const nlohmann::json& member = member_at(value, name);
  return member.is_number_integer() ? member.get<std::int64_t>() : 0;
}

std::uint64_t count_at(const nlohmann::json& value, const char* name) {
  const nlohmann::json& member = member_at(value, name);
  const bool counts = member.is_number_unsigned() ||
                      (member.is_number_integer() && member.get<std::int64_t>() >= 0);
  return counts ? member.get<std::uint64_t>() : 0;
}

bool flag_at(const nlohmann::json& value, const char* name) {
  const nlohmann::json& member = member_at(value, name);
  return member.is_boolean() && member.get<bool>();
}

std::string text_at(const nlohmann::json& value, const char* name, std::size_t max) {
  const auto* text = member_at(value, name).get_ptr<const std::string*>();
  return text != nullptr && text->size() <= max ? *text : std::string();
}

std::vector<std::string> texts_at(const nlohmann::json& value, const char* name) {
  std::vector<std::string> texts;
  for (const nlohmann::json& each : list_at(value, name))
    if (each.is_string()) texts.push_back(each.get<std::string>());
  return texts;
}

std::string any_text_at(const nlohmann::json& value, const char* name) {
  const nlohmann::json& member = member_at(value, name);
  if (member.is_null()) return {};
  return member.is_string() ? member.get<std::string>() : dump(member);
}

}  // namespace stayd
