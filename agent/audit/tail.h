// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/chain.h"

// Finds out how a file of the record ends, whose writer may have been stopped at any byte. Pure.
namespace stayd::audit {

struct Tail {
  std::optional<Head> head;  // of the last complete line; empty if there is none
  bool ended = true;         // that line has its newline
  std::size_t torn = 0;      // bytes after it that do not form a line
};

// `end` is how the file ends, `whole` whether that is all of it. Nothing: `end` begins after
// the last line, so more of the file is needed.
//
// A line is the last one if it is well formed; whether it follows those before it is not
// asked, so that nothing that was edited is taken for torn.
std::optional<Tail> find_tail(std::string_view end, bool whole);

// The first line in `begin`, the beginning of a file, that is one.
std::optional<Line> first_line(std::string_view begin);

}  // namespace stayd::audit
