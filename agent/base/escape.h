// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace stayd {

inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t kSmallestEscapeBound = 64;

// Makes bytes that a workload chose fit to be shown: printable ASCII only, one line.
//
//   \\          a backslash
//   \n \r \t    these controls
//   \u{202e}    any other valid UTF-8 outside ASCII, so that bidirectional marks and
//               look-alikes are seen for what they are
//   \x1b        any other control, any byte that is not UTF-8, the second of two braces
//               (`{{` opens a template on some cards), and a space at either end or after
//               another one (which some channels would swallow)
//
// Different bytes never give the same text as long as the text fits `max` characters. A
// longer text keeps its head and tail around `\[N bytes left out]`, which no bytes can
// imitate, and is at most `max` long. A `max` below kSmallestEscapeBound counts as that.
std::string escape(std::string_view bytes, std::size_t max = 512);

// The bytes that escape() made `text` of. Nothing if something was left out of it, or if it
// is not of escape().
std::optional<std::string> unescape(std::string_view text);

}  // namespace stayd
