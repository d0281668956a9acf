// SPDX-License-Identifier: Apache-2.0
#include "commands/options.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stayd {
namespace {

constexpr std::size_t kMaxPath = 64;  // bytes of first words that the table is asked about

class OptionReader {
 public:
  OptionReader(const ToolFacts* tool, std::span<const Word> words,
               std::span<const std::string> with_value, std::size_t most)
      : tool_(tool), words_(words), with_value_(with_value), most_(most) {}

  Given read() {
    for (; next_ < words_.size() && given_.words.size() < most_; ++next_) {
      const std::size_t first = next_, before = given_.words.size();
      read_one(words_[next_]);
      for (std::size_t i = first; i <= next_; ++i)
        if (words_[i].splits) add_anything(given_.words.size() == before);
    }
    return std::move(given_);
  }

 private:
  void read_one(const Word& word) {
    const std::string_view text = word.text;
    if (only_words_ || text == "-" || (!text.starts_with('-') && !is_unclear(word)))
      return add_word(word);
    if (is_unclear(word)) {
      given_.options.push_back({.known = false});
      return add_word(word);
    }
    if (text == "--" && !word.splits) {
      only_words_ = true;
      unknown_before_ = false;
      return;
    }
    if (text.starts_with("--") || (tool_ && tool_->short_options == ShortOptions::long_names))
      return read_name(word);
    read_letters(word);
  }

  // Begins with what is not known.
  static bool is_unclear(const Word& word) { return word.text.starts_with(kHole); }
  static std::string head(std::string_view text) {
    return std::string(text.substr(0, text.find(kHole)));
  }

  // A word that splits may become any options and words.
  void add_anything(bool as_word) {
    static const Word kAnything{std::string(1, kHole), true};
    given_.options.push_back({.known = false});
    if (as_word) given_.words.push_back({&kAnything});
  }

  void add_word(const Word& word) {
    if (is_skipped(word.text)) return;
    given_.words.push_back({&word, next_, std::exchange(unknown_before_, false)});
    if (!word.known()) return;
    if (path_.size() + word.text.size() < kMaxPath) path_ += (path_.empty() ? "" : " ") + word.text;
  }

  // "+nightly", "beta": says how the words after it are meant.
  bool is_skipped(std::string_view text) const {
    if (!tool_ || tool_->skipped_words.empty() || !given_.words.empty()) return false;
    return has_word(tool_->skipped_words, text) ||
           (tool_->skipped_words == "+" && text.starts_with('+'));
  }

  std::optional<bool> value_of(std::string_view option) const {
    if (std::ranges::find(with_value_, option) != with_value_.end()) return true;
    return tool_ ? takes_value(*tool_, path_, option) : std::nullopt;
  }

  // "--name=value", "--name value"
  void read_name(const Word& word) {
    const std::string_view text = word.text;
    const std::size_t end = std::min({text.find('='), text.find(kHole), text.size()});
    GivenOption option{.name = option_name(tool_, text.substr(0, end)),
                       .known = end == text.size() || text[end] == '='};
    unknown_before_ = false;
    if (end < text.size() && text[end] == '=') {
      set_value(option, word, end + 1);
    } else if (option.known) {
      const std::optional<bool> takes = value_of(option.name);
      if (takes == true)
        take_next(option);
      else
        unknown_before_ = !takes;
    }
    given_.options.push_back(std::move(option));
  }

  // "-f", "-fu", "-ofile", "-o file". A program that is not known may take it for one name.
  void read_letters(const Word& word) {
    const std::string_view text = word.text;
    unknown_before_ = false;
    if (!tool_ && text.size() > 2)
      given_.options.push_back({.name = head(text), .known = word.known()});
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == kHole) {
        given_.options.push_back({.name = "-", .known = false});
        return;
      }
      GivenOption option{.name = std::string("-") + text[i],
                         .one_of_several = !tool_ && text.size() > 2};
      const std::optional<bool> takes = value_of(option.name);
      if (takes == true && i + 1 < text.size()) {
        set_value(option, word, i + 1);
        i = text.size();
      } else if (takes == true) {
        take_next(option);
      } else {
        unknown_before_ = !takes && i + 1 == text.size();
      }
      given_.options.push_back(std::move(option));
    }
  }

  void set_value(GivenOption& option, const Word& word, std::size_t at) {
    option.value = &word;
    option.value_at = at;
    option.place = next_;
  }

  void take_next(GivenOption& option) {
    if (next_ + 1 < words_.size()) set_value(option, words_[++next_], 0);
  }

  const ToolFacts* tool_;
  std::span<const Word> words_;
  std::span<const std::string> with_value_;
  std::size_t most_;
  std::size_t next_ = 0;
  std::string path_;             // the first words so far
  bool only_words_ = false;      // "--" was read
  bool unknown_before_ = false;  // an option that may take the next word as its value
  Given given_;
};

}  // namespace

std::string option_name(const ToolFacts* tool, std::string_view option) {
  const bool one_dash = tool && tool->short_options == ShortOptions::long_names;
  return std::string(option.substr(one_dash && option.starts_with("--") ? 1 : 0));
}

Given read_options(const ToolFacts* tool, std::span<const Word> words,
                   std::span<const std::string> with_value, std::size_t most) {
  return OptionReader(tool, words, with_value, most).read();
}

}  // namespace stayd
