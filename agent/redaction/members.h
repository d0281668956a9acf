// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "redaction/span.h"

namespace stayd::redaction {

// The kind of a text decides where a value without quotes ends.
enum class Unit : std::uint8_t {
  script,   // a line of a shell, or prose: at a space or an operator
  argument  // one argument of a program: at its end, or where the next name begins
};

// Adds the values of all names that say so (names.h):
//
//   NAME=VALUE, NAME = "VALUE", a list of these separated by '&', ';', ',' or spaces
//   "NAME": "VALUE" of JSON and the literals of programming languages
//   NAME: VALUE of HTTP headers and YAML; after Authorization the scheme stays
//   <NAME>VALUE</NAME>
//
// Takes time in proportion to the text.
void find_members(std::string_view text, Unit unit, Spans& spans);

}  // namespace stayd::redaction
