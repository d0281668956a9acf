// SPDX-License-Identifier: Apache-2.0
#include "redaction/command.h"

#include <algorithm>
#include <array>

#include "redaction/ascii.h"
#include "redaction/command_words.h"
#include "redaction/names.h"
#include "redaction/values.h"
#include "redaction/word_list.h"

namespace stayd::redaction {
namespace {

// Words that the name of a setting and its value follow.
constexpr auto kVerbs = std::to_array<std::string_view>(
    {"--arg", "-gx", "config", "configure", "put", "set", "setenv", "setx"});
// Programs that run another one, which is among their words.
constexpr auto kLaunchers = std::to_array<std::string_view>(
    {"bash",   "busybox", "chroot", "command", "dash",    "doas", "env",     "exec",
     "flock",  "ionice",  "nice",   "node",    "nohup",   "npx",  "nsenter", "perl",
     "python", "python3", "ruby",   "runuser", "setsid",  "sh",   "ssh",     "stdbuf",
     "su",     "sudo",    "time",   "timeout", "unshare", "uvx",  "xargs"});
// Programs of the table whose options begin with a slash.
constexpr auto kSlashed =
    std::to_array<std::string_view>({"net", "sdl-freerdp", "wlfreerdp", "xfreerdp", "xfreerdp3"});

// Keeps how many of the words before a secret's place have been met.
struct Progress {
  const SecretPlace* place = nullptr;
  std::string_view missing;
  std::size_t operands = 0;  // since the last of them

  bool ready() const { return missing.empty(); }
};

class Reader {
 public:
  explicit Reader(std::span<const std::string_view> words) : words_(words) {}

  CommandSecrets run() {
    for (; at_ < words_.size(); ++at_) {
      word();
      only_assignments_ =
          only_assignments_ && is_assignment(words_[std::min(at_, words_.size() - 1)]);
    }
    for (const Progress& each : progress_) note_input(each);
    return std::move(result_);
  }

 private:
  std::string_view now() const { return words_[at_]; }
  bool has_next() const { return at_ + 1 < words_.size(); }

  void add(std::size_t word, Shape shape, std::size_t begin) {
    for (const Span& span : secret_in(shape, words_[word], begin))
      result_.found.push_back({word, span});
  }

  static bool is_input(Shape shape) { return shape == Shape::input || shape == Shape::input_pairs; }

  void note_input(const Progress& each) {
    if (is_input(each.place->shape) && each.ready()) result_.input = each.place->shape;
  }

  void word() {
    if (has(kVerbs, now())) last_verb_ = at_;
    if (now() == "--") {
      may_switch_ = true;
      return;
    }
    if (take_program()) return;
    if (secret_option()) return;
    if (is_option(now())) {
      meet_flag();
      named_option();
      return;
    }
    if (setting()) return;
    if (is_slashed_ && now().starts_with('/')) return;
    operand();
  }

  bool take_program() {
    if (program_ != nullptr && !may_switch_) return false;
    const bool is_first = launched_ || only_assignments_;
    if (only_assignments_ && has(kLaunchers, base_name(now()))) launched_ = true;
    const Program* program = find_program(now(), is_first);
    if (program == nullptr) return false;
    for (const Progress& each : progress_) note_input(each);
    in_place_ = is_first || (program_ != nullptr && in_place_);
    program_ = program;
    may_switch_ = program->runs_others;
    is_slashed_ = has(kSlashed, base_name(now()));
    progress_.clear();
    for (const SecretPlace* place : program->places) progress_.push_back({place, place->after, 0});
    return true;
  }

  // An option in which the program takes a secret.
  bool secret_option() {
    if (program_ == nullptr) return false;
    for (const Progress& each : progress_) {
      if (!each.ready()) continue;
      for (std::string_view options = each.place->options; !options.empty();)
        if (matches(take_word(options), each.place->shape)) return true;
    }
    return false;
  }

  bool matches(std::string_view option, Shape shape) {
    const char form = option.back();
    if (form == '*' || form == '!') option.remove_suffix(1);
    if (now() == option) return form != '*' && form != ':' && next_word(shape);
    if (form == '!') return false;
    if (!now().starts_with(option)) return is_short_option(option) && combined(option[1], shape);
    const std::size_t size = option.size();
    if (option.starts_with("--")) {
      if (now()[size] != '=') return false;
      if (shape == Shape::nothing) result_.harmless.push_back(at_);
      add(at_, shape, size + 1);
      return true;
    }
    if (!is_short_option(option) && form != '*' && form != ':') return false;
    add(at_, shape, size + (now()[size] == '=' && now().size() > size + 1 ? 1 : 0));
    return true;
  }

  // The next word is the value, if there is one.
  bool next_word(Shape shape) {
    if (shape == Shape::nothing || !has_next() || looks_like_option(words_[at_ + 1])) return true;
    add(++at_, shape, 0);
    if (shape == Shape::source && now() == "stdin") result_.input = Shape::input;
    return true;
  }

  // "-sSu" "user:password", "-sSuuser:password"
  bool combined(char letter, Shape shape) {
    const std::string_view word = now();
    if (program_->letters.empty() || !is_option(word) || word[1] == '-') return false;
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (word[i] == letter) {
        if (i + 1 < word.size())
          add(at_, shape, i + 1);
        else if (has_next() && !looks_like_option(words_[at_ + 1]))
          add(++at_, shape, 0);
        return true;
      }
      if (!is_letter_or_digit(word[i]) || program_->letters.find(word[i]) != std::string_view::npos)
        return false;
    }
    return false;
  }

  // A flag that a place asks for.
  void meet_flag() {
    for (Progress& each : progress_)
      while (each.missing.starts_with('-') &&
             has_flag(each.missing.substr(0, each.missing.find(' '))))
        take_word(each.missing);
    const bool takes_value = is_short_group() && program_ != nullptr &&
                             program_->letters.find(now().back()) != std::string_view::npos;
    if (takes_value && has_next()) skip_ = at_ + 1;
    if (now().ends_with("-stdin") &&
        kind_of_name(now().substr(0, now().size() - 6)) != NameKind::ordinary)
      result_.input = Shape::input;
    if (now() == "--with-token") result_.input = Shape::input;
  }

  bool is_short_group() const { return now().size() > 1 && now()[0] == '-' && now()[1] != '-'; }

  bool has_flag(std::string_view flag) const {
    if (now() == flag) return true;
    if (!is_short_option(flag) || !is_short_group()) return false;
    for (const char c : now().substr(1)) {
      if (c == flag[1]) return true;
      if (program_->letters.find(c) != std::string_view::npos) return false;
    }
    return false;
  }

  // --password VALUE, -storepass VALUE: what has a '=' in it is found without its context.
  void named_option() {
    const std::string_view name =
        now().substr(std::min(now().find_first_not_of('-'), now().size()));
    if (name.size() < 2 || now().find('=') != now().npos || !has_next()) return;
    const NameKind kind = kind_of_name(name);
    if (kind == NameKind::inside || kind == NameKind::signature || is_switch(name)) return;
    const std::string_view value = words_[at_ + 1];
    if (looks_like_option(value) || !is_secret(kind, value, false)) return;
    ++at_;
    if (value.starts_with("pass:"))
      add(at_, Shape::source, 0);
    else
      result_.found.push_back({at_, {0, value.size()}});
  }

  // configure set aws_secret_access_key VALUE
  bool setting() {
    if (!has_next() || last_verb_ == kNone || at_ == last_verb_ || at_ - last_verb_ > 3)
      return false;
    if (!is_setting_name(now())) return false;
    const NameKind kind = kind_of_name(base_name(now()));
    if (kind != NameKind::secret && kind != NameKind::inside) return false;
    const bool is_setting = last_verb_ > 0 && at_ == last_verb_ + 1 &&
                            (words_[last_verb_] == "--arg" || has(kVerbs, words_[last_verb_ - 1]));
    if (is_plain_word(now()) && !is_setting) return false;
    const std::string_view value = words_[at_ + 1];
    if (looks_like_option(value) || !can_be_secret(value)) return false;
    result_.found.push_back({++at_, {0, value.size()}});
    return true;
  }

  static bool is_setting_name(std::string_view word) {
    return std::ranges::all_of(word, [](char c) { return is_name(c) || c == '/' || c == ':'; });
  }

  void operand() {
    if (program_ == nullptr || at_ == skip_) return;
    for (Progress& each : progress_) {
      if (!each.ready()) {
        std::string_view rest = each.missing;
        if (lower(now()) == lower(take_word(rest))) each.missing = rest;
        continue;
      }
      if (!each.place->options.empty() || !in_place_ || is_input(each.place->shape)) continue;
      ++each.operands;
      if (each.place->operand == SecretPlace::kEach || each.place->operand == each.operands)
        add(at_, each.place->shape, 0);
    }
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::span<const std::string_view> words_;
  std::size_t at_ = 0;
  CommandSecrets result_;
  const Program* program_ = nullptr;
  std::vector<Progress> progress_;
  bool may_switch_ = true;
  bool only_assignments_ = true;  // so far
  bool launched_ = false;         // the first word runs what follows
  bool in_place_ = false;  // the program stands where programs do, and is not a word of a sentence
  bool is_slashed_ = false;
  std::size_t skip_ = kNone;
  std::size_t last_verb_ = kNone;
};

}  // namespace

CommandSecrets secrets_of_command(std::span<const std::string_view> words) {
  return Reader(words).run();
}

}  // namespace stayd::redaction
