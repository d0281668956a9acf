// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/shell.h"

namespace stayd {

// Reads one script from its beginning to its end; for shell.cpp and shell_words.cpp only. After
// fail() every function returns at once.
class ShellReader {
 public:
  // What a list ends at: the end of the script, ")", ";;" or "esac", or a reserved word.
  enum class Until { end, parenthesis, next_case, word };

  // `depth` is that of the substitution that the text is in.
  ShellReader(std::string_view text, Script& script, std::size_t depth)
      : text_(text), script_(script), depth_(depth) {}

  // Reads commands up to what ends them, which it leaves in place.
  Span list(Until until);

 private:
  // A command takes the input and the here-documents that are written after it.
  struct Owner {
    Span span;
    std::optional<std::size_t> command;  // nothing: it is a compound command
  };
  struct HereDocument {
    std::string delimiter;
    bool strip_tabs = false;
    bool expands = true;
    std::optional<std::size_t> command;
  };

  // shell.cpp: lists and commands
  bool ends_list(Until until) const;
  void separator();
  Span pipeline();
  void command();
  bool compound();
  void group(std::string_view end);
  void condition_and_bodies();
  void loop();
  void iteration();
  void cases();
  void one_case();
  void tests();
  void simple();
  bool is_assignment() const;
  void assignment();
  bool redirection(const Owner& owner);
  void here_document(const Owner& owner);
  std::string_view reserved() const;
  bool take_reserved(std::string_view word);
  void expect(std::string_view word);
  void fail(std::string_view what) { fail(what, place_); }
  void fail(std::string_view what, std::size_t where);
  void fail_at_byte();

  // shell_words.cpp
  Word word();
  void unquoted(Word& into);
  void single_quoted(Word& into);
  void escaped_quoted(Word& into);
  void escape_sequence(Word& into);
  void double_quoted(Word& into);
  bool quoted_byte(Word& into);
  void expansion(Word& into, bool quoted);
  void parameter(Word& into);
  void backquoted(Word& into);
  void substitution(std::vector<Span>& into);
  void set(Word& into);
  void braces(Word& into);
  void parenthesized(Word& into);
  void read_here_documents();
  std::size_t end_of_arithmetic() const;

  void blank();
  bool newline();
  void newlines();
  bool take(std::string_view with);
  // The byte there; a newline after the end.
  char at(std::size_t offset = 0) const {
    return place_ + offset < text_.size() ? text_[place_ + offset] : '\n';
  }
  bool starts(std::string_view with) const { return text_.substr(place_).starts_with(with); }
  bool is_over() const { return failed_ || place_ >= text_.size(); }
  std::size_t count() const { return script_.commands.size(); }

  std::string_view text_;
  std::size_t place_ = 0;
  Script& script_;
  std::size_t depth_;
  bool failed_ = false;
  std::vector<HereDocument> awaited_;  // their lines begin after the next newline
  std::size_t no_set_until_ = 0;       // no '[' before this place is closed
  std::size_t no_braces_until_ = 0;    // no '{' before this place is closed
};

}  // namespace stayd
