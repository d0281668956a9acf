// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "commands/word.h"

// Tells what one word of a command looks like, without knowing the program.
namespace stayd::redaction {

// Takes the next word off the front of words with a space between each two.
std::string_view take_word(std::string_view& words);

bool is_option(std::string_view word);        // "-u", "--host=x", "-Xy7+"
bool is_short_option(std::string_view word);  // "-u"
// True for "-u", "--host" and "--host=x", and not for "-Xy7+": a password may begin with a dash.
bool looks_like_option(std::string_view word);
bool is_assignment(std::string_view word);  // "NAME=value"

// True if the word at `index` is a script for a shell: of `bash -c`, `ssh host`, `eval`. Looks at
// the word before, and at the first eight.
bool is_script(std::span<const std::string_view> words, std::size_t index);

}  // namespace stayd::redaction
