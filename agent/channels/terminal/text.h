// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Text for a terminal, where one character is one column because all of it is ASCII.
namespace stayd::terminal {

// Strings of a ticket arrive escaped. Should one not be, whatever is not printable ASCII
// becomes "?": no byte of a workload can move a cursor or colour a line.
std::string printable(std::string_view text);

// Exactly `width` columns: padded on the right, or the middle replaced by "..".
std::string fit(std::string_view text, std::size_t width);
// At most `width` columns.
std::string clip(std::string_view text, std::size_t width);

// Lines of at most `width` columns, broken at a space where one is near. Nothing is left out.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

enum class Tone : std::uint8_t { plain, bold, dim, good, bad, warning, selected };

// `text` unchanged without colour.
std::string styled(std::string_view text, Tone tone, bool colour);

}  // namespace stayd::terminal
