// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/shell.h"

namespace stayd {

// A part of a script, and where in the script each byte of it stands.
struct ScriptText {
  std::string_view bytes;
  std::size_t begin = 0;
  std::vector<std::size_t> places = {};  // empty: one after the other from `begin`

  std::size_t place_of(std::size_t i) const {
    return i < places.size() ? places[i] : places.empty() ? begin + i : places.back() + 1;
  }
  WrittenAt written_at(std::size_t from, std::size_t to) const {
    return {place_of(from), place_of(to - 1) + 1};
  }
  ScriptText part(std::size_t from, std::size_t to) const;
};

// Reads one script from its beginning to its end; for the sources of split_script() only. After
// fail() every function returns at once, until resume().
class ShellReader {
 public:
  // `depth` is that of the substitution that the text is in.
  ShellReader(ScriptText text, Script& script, AfterTrouble after, std::size_t depth)
      : source_(std::move(text)),
        text_(source_.bytes),
        script_(script),
        goes_on_(after == AfterTrouble::go_on),
        outer_depth_(depth),
        depth_(depth) {}

  // Reads all commands.
  CommandSpan script();

 private:
  // A list ends at the end of the script, at ")", at ";;" or "esac", or at a reserved word.
  enum class Until { end, parenthesis, next_case, word };

  // A command takes the input and the here-documents that are written after it.
  struct Owner {
    CommandSpan span;
    std::optional<std::size_t> command;  // nothing: it is a compound command
  };
  struct HereDocument {
    std::string delimiter;
    bool strip_tabs = false;
    bool expands = true;
    std::optional<std::size_t> command;
  };

  // shell.cpp: lists and simple commands
  CommandSpan list(Until until);
  bool ends_list(Until until) const;
  void separator();
  CommandSpan pipeline();
  void command();
  void simple();
  bool function();
  std::size_t assigned_name() const;
  void assignment(std::size_t command, std::size_t name);
  bool redirection(const Owner& owner);
  void here_document(const Owner& owner);
  void read_here_documents();
  Word document(const HereDocument& kind);

  // shell_compound.cpp: commands that have others in them
  bool compound();
  void condition_and_bodies();
  void loop();
  void iteration();
  void cases();
  void one_case();
  void tests();
  std::string_view reserved() const;
  bool take_reserved(std::string_view word);
  void expect(std::string_view word);

  // shell_words.cpp: words and quotes
  Word word();
  void unquoted(Word& into);
  void single_quoted(Word& into);
  void escaped_quoted(Word& into);
  void escape_sequence(Word& into);
  void double_quoted(Word& into);
  bool quoted_byte(Word& into);

  // shell_expansions.cpp
  void expansion(Word& into, bool quoted);
  void parameter(Word& into, bool quoted);
  void backquoted(Word& into, bool quoted);
  void substitution(std::vector<CommandSpan>& into);
  void set(Word& into);
  void braces(Word& into);
  void parenthesized(Word& into);
  std::size_t end_of_arithmetic() const;

  // Takes `count` bytes, or those from `begin` on, as the byte `c` of a word.
  void add_next(Word& into, char c, std::size_t count = 1);
  void add_since(Word& into, char c, std::size_t begin) const;
  void add_hole_since(Word& into, std::size_t begin, bool splits) const;

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

  void fail(std::string_view what) { fail(what, place_); }
  void fail(std::string_view what, std::size_t where);
  void fail_at_byte();
  void resume(std::size_t begin);

  ScriptText source_;
  std::string_view text_;
  std::size_t place_ = 0;
  Script& script_;
  bool goes_on_;  // after trouble
  std::size_t outer_depth_;
  std::size_t depth_;
  bool failed_ = false;
  std::vector<HereDocument> awaited_;  // their lines begin after the next newline
  std::size_t no_set_until_ = 0;       // no '[' before this place is closed
  std::size_t no_braces_until_ = 0;    // no '{' before this place is closed
};

}  // namespace stayd
