// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd {

// An option of one command. Its value goes where the command said when it made the option.
struct Option {
  std::string name;   // "--reason"
  std::string value;  // what help calls its value, such as "TEXT"; empty: it takes none
  std::string summary;
  std::function<Result<>(const std::string& value)> set;  // the error says what is wrong with it
  bool required = false;
};

// Each sets `to`, which must outlive the option.
Option flag(std::string_view name, std::string_view summary, bool& to);
Option text_option(std::string_view name, std::string_view value, std::string_view summary,
                   std::string& to);
// "15m": 1 second to 7 days.
Option time_option(std::string_view name, std::string_view summary, std::chrono::seconds& to);
// A whole number from 1 to `largest`.
Option number_option(std::string_view name, std::string_view summary, std::size_t largest,
                     std::size_t& to);
// "a,b"
Option list_option(std::string_view name, std::string_view value, std::string_view summary,
                   std::vector<std::string>& to);
Option required(Option option);

// A word without dashes.
struct Operand {
  enum class Count { one, optional, any };
  std::string name;  // "WORKLOAD"
  std::function<Result<>(const std::string& word)> set;
  Count count = Count::one;

  std::string usage() const;  // "WORKLOAD", "[FILE]" or "[FILE...]"
};

Operand operand(std::string_view name, std::string& to);
Operand optional_operand(std::string_view name, std::string& to);
Operand any_operands(std::string_view name, std::vector<std::string>& to);

}  // namespace stayd
