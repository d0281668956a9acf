// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace stayd {

// '*' and '?' match within one component of a path, "**" any number of components; '[' begins
// a set of characters. Takes time in proportion to the product of both lengths.
bool matches_path(std::string_view glob, std::string_view path);

// '*' matches anything, '?' any one byte, '[' begins a set.
bool matches_text(std::string_view glob, std::string_view text);

// '*' matches any bytes of one part of a host name. `below`: the name has parts before what the
// pattern matches.
bool matches_host(std::string_view pattern, bool below, std::string_view name);

// Returns false only if the pattern matches no text that begins like this.
bool may_match_text(std::string_view glob, std::string_view text);

// True if the text has a character that makes it a glob.
bool is_glob(std::string_view text);

// The directory above the first component with a wildcard: "/srv" of "/srv/*/x"; empty for a
// glob that begins with "**".
std::string literal_directory(std::string_view glob);

}  // namespace stayd
