// SPDX-License-Identifier: Apache-2.0
#include "redaction/shell.h"

#include <algorithm>
#include <utility>

#include "redaction/ascii.h"

namespace stayd::redaction {
namespace {

using Role = ShellWord::Role;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<ShellCommand> run() {
    while (at_ < text_.size()) step();
    while (!outer_.empty()) leave();
    end_word();
    return std::move(commands_);
  }

 private:
  // What is being read, put aside while a command inside it is read.
  struct Reading {
    std::size_t command = kNone;  // index; kNone: it has no word yet
    std::size_t pipe = kNone;     // what its input comes from
    ShellWord word;
    bool in_word = false;
    Role next_role = Role::argument;
    bool next_is_delimiter = false;
    char closing = 0;        // what ends it: ')', '`'
    std::size_t groups = 0;  // open brackets inside
  };

  struct Document {
    std::string delimiter;
    std::size_t command = 0;
    bool tabs = false;  // <<-
  };

  char get(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  void take() {
    now_.in_word = true;
    now_.word.text += text_[at_];
    now_.word.places.push_back(static_cast<std::uint32_t>(at_));
    ++at_;
  }

  ShellCommand& command() {
    if (now_.command == kNone) {
      now_.command = commands_.size();
      commands_.emplace_back();
      if (now_.pipe != kNone) commands_.back().pipe = now_.pipe;
    }
    return commands_[now_.command];
  }

  void end_word() {
    if (!now_.in_word) return;
    now_.in_word = false;
    ShellWord word = std::exchange(now_.word, {});
    word.role = std::exchange(now_.next_role, Role::argument);
    ShellCommand& into = command();
    if (std::exchange(now_.next_is_delimiter, false))
      pending_.push_back({word.text, now_.command, document_tabs_});
    else
      into.words.push_back(std::move(word));
  }

  void end_command(bool is_pipe = false) {
    end_word();
    now_.pipe = is_pipe ? now_.command : kNone;
    now_.command = kNone;
    now_.next_role = Role::argument;
    now_.next_is_delimiter = false;
  }

  void enter(char closing) {
    outer_.push_back(std::exchange(now_, {}));
    now_.closing = closing;
  }

  void leave() {
    end_command();
    now_ = std::move(outer_.back());
    outer_.pop_back();
  }

  void step() {
    const char c = text_[at_];
    const char next = get(at_ + 1);
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
        end_word();
        ++at_;
        return;
      case '\n':
        end_command();
        ++at_;
        read_documents();
        return;
      case '\\':
        ++at_;
        if (next == '\n')
          ++at_;
        else if (at_ < text_.size())
          take();
        return;
      case '\'':
        now_.in_word = true;
        ++at_;
        while (at_ < text_.size() && text_[at_] != '\'') take();
        ++at_;
        return;
      case '"':
        quoted();
        return;
      case '$':
        dollar(next);
        return;
      case '`':
        backquote();
        return;
      case '(':
        end_command();
        ++now_.groups;
        ++at_;
        return;
      case ')':
        closing_bracket();
        return;
      case ';':
        end_command();
        ++at_;
        return;
      case '|':
        // "||" is not a pipe; "|&" is one.
        end_command(next != '|');
        at_ += next == '|' || next == '&' ? 2 : 1;
        return;
      case '&':
        if (next == '>') {
          ++at_;
          return;
        }
        end_command();
        ++at_;
        return;
      case '<':
      case '>':
        redirection(c, next);
        return;
      default:
        take();
    }
  }

  // Between double quotes.
  void quoted() {
    now_.in_word = true;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        if (std::string_view("\"\\$`").find(get(at_ + 1)) != std::string_view::npos &&
            at_ + 1 < text_.size())
          ++at_;
        take();
      } else if (text_[at_] == '$' && get(at_ + 1) == '(') {
        copy_substitution();
      } else {
        take();
      }
    }
    ++at_;
  }

  // "$( … )" as it is: it is split when the word is read as a text of its own.
  void copy_substitution() {
    take();
    take();
    std::string closing = ")";
    while (at_ < text_.size() && !closing.empty()) {
      const char c = text_[at_];
      const bool in_single = closing.back() == '\'';
      if (c == closing.back()) {
        closing.pop_back();
      } else if (c == '\\' && !in_single) {
        take();
        if (at_ == text_.size()) return;
      } else if (!in_single && c == '"') {
        closing += '"';
      } else if (closing.back() == ')' && c == '\'') {
        closing += '\'';
      } else if (!in_single && c == '(' && (closing.back() == ')' || text_[at_ - 1] == '$')) {
        closing += ')';
      }
      take();
    }
  }

  void dollar(char next) {
    if (next == '(') {
      take();
      take();
      enter(')');
    } else if (next == '{') {
      while (at_ < text_.size() && text_[at_] != '}') take();
      if (at_ < text_.size()) take();
    } else if (next == '\'') {
      now_.in_word = true;
      at_ += 2;
      while (at_ < text_.size() && text_[at_] != '\'') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) take();
        take();
      }
      ++at_;
    } else if (next == '"') {
      ++at_;
    } else {
      take();
    }
  }

  void backquote() {
    if (now_.closing == '`') {
      leave();
      take();
    } else {
      take();
      enter('`');
    }
  }

  void closing_bracket() {
    if (now_.groups > 0) {
      --now_.groups;
      end_command();
      ++at_;
    } else if (now_.closing == ')') {
      leave();
      take();
    } else {
      end_command();
      ++at_;
    }
  }

  void redirection(char c, char next) {
    // The number of a descriptor is part of the operator.
    const bool is_number =
        now_.in_word && now_.word.text.find_first_not_of("0123456789") == std::string::npos;
    if (is_number) {
      now_.in_word = false;
      now_.word = {};
    }
    end_word();
    ++at_;
    if (next == '(') {
      now_.in_word = true;
      ++at_;
      enter(')');
      return;
    }
    now_.next_role = Role::target;
    if (c == '<' && next == '<') {
      ++at_;
      if (get(at_) == '<') {
        ++at_;
        now_.next_role = Role::input;
        return;
      }
      document_tabs_ = get(at_) == '-';
      if (document_tabs_) ++at_;
      now_.next_is_delimiter = true;
    } else if (next == '>' || next == '&' || next == '|') {
      ++at_;
    }
  }

  // The documents of the commands on the line before.
  void read_documents() {
    for (const Document& document : pending_) {
      const std::size_t begin = at_;
      std::size_t end = text_.size();
      while (at_ < text_.size()) {
        const std::size_t line = at_;
        const std::size_t newline = std::min(text_.find('\n', line), text_.size());
        at_ = std::min(newline + 1, text_.size());
        std::string_view content = text_.substr(line, newline - line);
        if (document.tabs)
          content.remove_prefix(std::min(content.find_first_not_of('\t'), content.size()));
        if (content != document.delimiter) continue;
        end = line;
        break;
      }
      if (end > begin) commands_[document.command].documents.push_back({begin, end});
    }
    pending_.clear();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Reading now_;
  std::vector<Reading> outer_;
  std::vector<ShellCommand> commands_;
  std::vector<Document> pending_;
  bool document_tabs_ = false;
};

}  // namespace

Span ShellWord::in_line(Span span) const {
  return {places[span.begin], places[span.end - 1] + std::size_t{1}};
}

std::vector<ShellCommand> split_shell(std::string_view text) { return Splitter(text).run(); }

}  // namespace stayd::redaction
