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

}  // namespace stayd
