// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace stayd {

// The way in which a program reads words that begin with one '-'.
enum class ShortOptions { bundled, long_names };

// The known options of a program.
struct ToolFacts {
  std::string_view name;
  ShortOptions short_options = ShortOptions::bundled;
  bool everywhere = false;           // options before the first word may also stand after it
  bool abbreviates = false;          // takes "--forc" for "--force"
  std::string_view skipped_words{};  // "beta" of "gcloud beta iam"; '+' is any that begins with it
};

// nullptr: the tool is not known. The version at the end of a name is not looked at ("python3.11"),
// and names of the same program are one ("podman", "docker").
const ToolFacts* find_tool(std::string_view name);

// True if the option takes a value, false if it takes none; nothing if it is not known. `words` are
// the tool's first words so far, with a space between them.
std::optional<bool> takes_value(const ToolFacts& tool, std::string_view words,
                                std::string_view option);

// "python3.11" is "python", "pip3" is "pip"; the name itself if nothing would be left.
std::string_view without_version(std::string_view name);

}  // namespace stayd
