// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "redaction/members.h"
#include "redaction/span.h"

namespace stayd::redaction {

// The places that were found in one text.
struct Findings {
  Spans members;   // by name
  Spans others;    // by program, form or URL
  Spans harmless;  // what only a name made look like a secret

  // Without members that are harmless. Empty ones are left out.
  Spans all() &&;
};

// Both read texts within texts up to six deep; `depth` is that of this one.

// Finds what the text says without its context: all but what the program or the option before it
// makes a secret.
void find_in_word(std::string_view text, Unit unit, int depth, Findings& findings);

// Finds what the commands of the text say, if a shell reads it as a script.
void find_in_script(std::string_view text, int depth, Findings& findings);

}  // namespace stayd::redaction
