// SPDX-License-Identifier: Apache-2.0
#include "ctl/option.h"

#include <charconv>
#include <sstream>
#include <utility>

#include "base/yaml.h"
#include "policy/values.h"

namespace stayd {

Option flag(std::string_view name, std::string_view summary, bool& to) {
  return {std::string(name), "", std::string(summary), [&to](const std::string&) -> Result<> {
            to = true;
            return {};
          }};
}

Option text_option(std::string_view name, std::string_view value, std::string_view summary,
                   std::string& to) {
  return {std::string(name), std::string(value), std::string(summary),
          [&to](const std::string& text) -> Result<> {
            if (text.empty()) return Error{"the value is empty"};
            to = text;
            return {};
          }};
}

Option time_option(std::string_view name, std::string_view summary, std::chrono::seconds& to) {
  return {std::string(name), "TIME", std::string(summary),
          [&to](const std::string& text) -> Result<> {
            const std::optional<std::chrono::seconds> time = parse_duration(text);
            if (!time)
              return Error{stayd::in_quotes(text) + " is not a duration such as 90s, 15m or 2h"};
            to = *time;
            return {};
          }};
}

Option number_option(std::string_view name, std::string_view summary, std::size_t largest,
                     std::size_t& to) {
  return {std::string(name), "N", std::string(summary),
          [&to, largest](const std::string& text) -> Result<> {
            std::size_t number = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc{} || end != text.data() + text.size() || number == 0 ||
                number > largest)
              return Error{stayd::in_quotes(text) + " is not a whole number from 1 to " +
                           std::to_string(largest)};
            to = number;
            return {};
          }};
}

Option list_option(std::string_view name, std::string_view value, std::string_view summary,
                   std::vector<std::string>& to) {
  return {std::string(name), std::string(value), std::string(summary),
          [&to](const std::string& text) -> Result<> {
            std::istringstream items(text);
            for (std::string item; std::getline(items, item, ',');) to.push_back(item);
            return {};
          }};
}

Option required(Option option) {
  option.required = true;
  return option;
}

std::string Operand::usage() const {
  if (count == Count::one) return name;
  return "[" + name + (count == Count::any ? "...]" : "]");
}

Operand operand(std::string_view name, std::string& to) {
  return {std::string(name), [&to](const std::string& word) -> Result<> {
            to = word;
            return {};
          }};
}

Operand optional_operand(std::string_view name, std::string& to) {
  Operand made = operand(name, to);
  made.count = Operand::Count::optional;
  return made;
}

Operand any_operands(std::string_view name, std::vector<std::string>& to) {
  return {std::string(name),
          [&to](const std::string& word) -> Result<> {
            to.push_back(word);
            return {};
          },
          Operand::Count::any};
}

}  // namespace stayd
