// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "redaction/ascii.h"
#include "redaction/span.h"

namespace stayd::redaction {

// A name before a '=' or a ':'.
struct Key {
  Span name;
  bool quoted = false;  // a quote stands after it
  bool spaced = false;  // a space stands before its sign
};

struct Value {
  Span span;
  std::size_t next = 0;  // what follows it, a closing quote included
};

// Looks around in a text, which must outlive it. A place beyond either end reads as '\0'.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  char get(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char before(std::size_t i) const { return i > 0 ? text_[i - 1] : '\0'; }
  std::size_t skip_blanks(std::size_t i) const;
  // True if nothing but blanks and the dash of a list of YAML precede `i` on its line.
  bool begins_line(std::size_t i) const;

  // The name that ends before `end`, of its last 128 bytes.
  Key key_before(std::size_t end) const;
  // The string that begins at `i`, without its quotes, which may have backslashes before them, as
  // strings within strings do. One that nobody closes ends with the text.
  std::optional<Value> string_at(std::size_t i) const;
  Value line_at(std::size_t i) const;
  // In the middle of a line: the scheme of an Authorization header and a word, or cookies, or a
  // word.
  Span words_at(std::size_t i) const;
  // Leaves out the scheme of an Authorization header, if the value begins with one.
  Span without_scheme(Span value) const;

 protected:
  std::string_view text_;
};

}  // namespace stayd::redaction
