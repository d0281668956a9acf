// SPDX-License-Identifier: Apache-2.0
#include "api/arguments.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json.h"

namespace stayd {
namespace {

std::string in_quotes(std::string_view key) { return "\"" + std::string(key) + "\""; }

}  // namespace

BodyReader::BodyReader(std::string_view text) : object_(nlohmann::json::object()) {
  Result<nlohmann::json> body = parse_json(text);
  if (!body) {
    fail("body: " + body.error().message);
  } else if (!body->is_object()) {
    fail("body is not a JSON object");
  } else {
    object_ = std::move(*body);
  }
}

std::optional<nlohmann::json> BodyReader::take(const char* key) {
  auto member = object_.find(key);
  if (member == object_.end()) return std::nullopt;
  nlohmann::json value = std::move(*member);
  object_.erase(member);
  return value;
}

std::string BodyReader::required_text(const char* key, std::size_t longest) {
  if (!object_.contains(key)) {
    fail(in_quotes(key) + " is missing");
    return {};
  }
  std::string text = optional_text(key, longest);
  if (text.empty()) fail(in_quotes(key) + " is empty");
  return text;
}

std::string BodyReader::optional_text(const char* key, std::size_t longest) {
  std::optional<nlohmann::json> value = take(key);
  if (!value) return {};
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) {
    fail(in_quotes(key) + " is not a string");
    return {};
  }
  if (text->size() > longest) {
    fail(in_quotes(key) + " is longer than " + std::to_string(longest) + " bytes");
    return {};
  }
  return *text;
}

std::int64_t BodyReader::optional_number(const char* key, std::int64_t largest) {
  std::optional<nlohmann::json> value = take(key);
  if (!value) return 0;
  // A number that fits is stored unsigned; one below zero, with a fraction or too large is not.
  const auto* number = value->get_ptr<const nlohmann::json::number_unsigned_t*>();
  if (number == nullptr || *number > static_cast<std::uint64_t>(largest)) {
    fail(in_quotes(key) + " is not a whole number from 0 to " + std::to_string(largest));
    return 0;
  }
  return static_cast<std::int64_t>(*number);
}

std::vector<std::string> BodyReader::texts_in(const nlohmann::json& value, const std::string& name,
                                              std::size_t most, std::size_t longest) {
  std::vector<std::string> texts;
  if (!value.is_array() || value.size() > most) {
    fail(name + " is not a list of at most " + std::to_string(most) + " strings");
    return {};
  }
  for (const nlohmann::json& each : value) {
    const auto* text = each.get_ptr<const std::string*>();
    if (text == nullptr || text->empty() || text->size() > longest) {
      fail(name + " has an element that is no string of 1 to " + std::to_string(longest) +
           " bytes");
      return {};
    }
    texts.push_back(*text);
  }
  return texts;
}

std::vector<std::string> BodyReader::optional_texts(const char* key, std::size_t most,
                                                    std::size_t longest) {
  const std::optional<nlohmann::json> value = take(key);
  if (!value) return {};
  return texts_in(*value, in_quotes(key), most, longest);
}

std::vector<std::pair<std::string, std::vector<std::string>>> BodyReader::optional_lists(
    const char* key, std::size_t most, std::size_t longest) {
  const std::optional<nlohmann::json> value = take(key);
  if (!value) return {};
  if (!value->is_object() || value->size() > most) {
    fail(in_quotes(key) + " is not an object of at most " + std::to_string(most) + " members");
    return {};
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;
  for (const auto& [name, each] : value->items()) {
    const nlohmann::json list = each.is_string() ? nlohmann::json::array({each}) : each;
    lists.emplace_back(name,
                       texts_in(list, in_quotes(key) + ": " + in_quotes(name), most, longest));
  }
  return lists;
}

void BodyReader::fail(std::string message) {
  if (!problem_) problem_ = Error{std::move(message)};
}

Result<> BodyReader::finish() {
  if (!object_.empty()) fail(in_quotes(object_.begin().key()) + " is not a known member");
  if (problem_) return *problem_;
  return {};
}

QueryReader::QueryReader(std::string_view text) {
  while (!text.empty()) {
    std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    std::size_t equals = std::min(pair.find('='), pair.size());
    std::string_view value = pair.substr(std::min(pair.size(), equals + 1));
    bool first = values_.emplace(pair.substr(0, equals), value).second;
    if (!first) fail(in_quotes(pair.substr(0, equals)) + " is given twice");
  }
}

std::optional<std::uint64_t> QueryReader::number(const char* key, std::uint64_t largest) {
  auto entry = values_.find(key);
  if (entry == values_.end()) return std::nullopt;
  std::optional<std::uint64_t> value = parse_number(entry->second);
  values_.erase(entry);
  if (value && *value <= largest) return value;
  fail(in_quotes(key) + " is not a whole number from 0 to " + std::to_string(largest));
  return std::nullopt;
}

void QueryReader::fail(std::string message) {
  if (!problem_) problem_ = Error{std::move(message)};
}

Result<> QueryReader::finish() {
  if (!values_.empty()) fail(in_quotes(values_.begin()->first) + " is not a known parameter");
  if (problem_) return *problem_;
  return {};
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace stayd
