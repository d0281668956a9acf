// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/escape.h"

// Strings that know whose they are. What people are shown is Shown, and Shown is made of two things
// only: text of ours (Literal, numbers) and what the escaper made of others' bytes (Escaped). A
// path of a workload that nobody has escaped does not compile there.
namespace stayd {

// Bytes that a workload, a person or another program chose. Nothing converts or prints them.
class Untrusted {
 public:
  Untrusted() = default;
  explicit Untrusted(std::string bytes) : bytes_(std::move(bytes)) {}

  // To compare, match and store; to show them, escape().
  const std::string& bytes() const { return bytes_; }
  bool operator==(const Untrusted&) const = default;

 private:
  std::string bytes_;
};

// Text of ours, known when this is compiled: printable ASCII, which a channel may read as markup.
struct Literal {
  template <std::size_t size>
  consteval Literal(const char (&literal)[size])  // NOLINT: a string literal is one
      : text(literal, size - 1) {
    for (const char c : text)
      if (c < 0x20 || c > 0x7e) throw "a Literal is printable ASCII";
  }
  std::string_view text;
};

// Text that escape() made of somebody's bytes: it is printable ASCII on one line.
class Escaped {
 public:
  Escaped() = default;
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Escaped&) const = default;

 private:
  explicit Escaped(std::string text) : text_(std::move(text)) {}
  friend Escaped escape(const Untrusted& bytes, std::size_t max);
  friend Escaped escape_once(const Untrusted& text, std::size_t max);
  friend Escaped as_argument(const Escaped& argument);
  friend Escaped base_name(const Escaped& path);
  friend Escaped head_of(const Escaped& text, std::size_t size);

  std::string text_;
};

// As base/escape.h describes it; at most `max` characters.
Escaped escape(const Untrusted& bytes, std::size_t max = 512);

// Of text that another process of stayd's should have escaped: as it is if escape() could have made
// it, and if it is not longer than `max`; else escaped.
Escaped escape_once(const Untrusted& text, std::size_t max = kUnbounded);

// One word or a word in double quotes, so that two different lists of arguments never read the
// same.
Escaped as_argument(const Escaped& argument);

// Returns what follows the last slash.
Escaped base_name(const Escaped& path);

// The first `size` characters. An escape sequence may be cut, which harms nothing.
Escaped head_of(const Escaped& text, std::size_t size);

// Text that may be shown.
class Shown {
 public:
  Shown() = default;
  Shown(Literal text) : text_(text.text) {}                // NOLINT: implicit
  Shown(const Escaped& escaped) : text_(escaped.str()) {}  // NOLINT: implicit

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Shown&) const = default;

  Shown& operator+=(Literal text) {
    text_ += text.text;
    return *this;
  }
  Shown& operator+=(const Shown& more) {
    text_ += more.text_;
    return *this;
  }

 private:
  template <std::integral Number>
  friend Shown number(Number value);

  std::string text_;
};

template <std::integral Number>
Shown number(Number value) {
  Shown text;
  text.text_ = std::to_string(value);
  return text;
}

inline Shown operator+(Shown a, const Shown& b) { return a += b, a; }
inline Shown operator+(Shown a, Literal b) { return a += b, a; }
inline Shown operator+(Literal a, const Shown& b) { return Shown(a) += b; }

}  // namespace stayd
