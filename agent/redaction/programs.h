// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "redaction/span.h"

namespace stayd::redaction {

// Says which part of a value is the secret.
enum class Shape : std::uint8_t {
  whole,
  lone,           // SECRET, and not NAME=value
  after_colon,    // user:SECRET
  after_comma,    // user,SECRET
  after_percent,  // user%SECRET
  after_slash,    // user/SECRET@place
  after_equals,   // NAME=SECRET, whatever the name
  either,         // user:SECRET or SECRET
  source,         // pass:SECRET of openssl, which also knows file: and env:
  cookies,        // name=SECRET, or the name of a file
  nothing,        // the option has a name like that of a secret, and takes none
  input,          // standard input is the secret
  input_pairs     // standard input has lines of user:SECRET
};

// A place on a program's command line where it takes a secret: as the value of one of `options`,
// or, if that is empty, as the operand number `operand` after the words `after`. An option that
// begins with one dash and has one letter also takes its value glued to it, and with the letters of
// others before it, as the program's flags allow.
struct SecretPlace {
  static constexpr std::size_t kEach = 0;  // of the operands

  std::string_view programs;  // names of files, separated by spaces
  std::string_view after;     // words and flags that come first, in this order; empty: none
  std::string_view
      options;  // "-p" also glued, "-p*" only glued, "/p:" glued, "user_pw" a bare word
  Shape shape = Shape::whole;
  std::size_t operand = 1;
};

// The table, in the order in which it is looked through.
std::span<const SecretPlace> secret_places();

struct Program {
  std::vector<const SecretPlace*> places;
  std::string_view letters;  // short options that take a value; empty: none are combined
  bool runs_others = false;  // sudo, docker exec: another program may follow
};

// The program of that name, of a path with it, or nothing. A path counts in the directories that
// programs are in (bin, sbin, libexec, .) or, with `is_first`, anywhere.
const Program* find_program(std::string_view word, bool is_first);

// The secret in value.substr(begin); empty: there is none.
Spans secret_in(Shape shape, std::string_view value, std::size_t begin);

}  // namespace stayd::redaction
