// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "commands/interpreters.h"
#include "commands/shell.h"
#include "commands/starters.h"

namespace stayd {
namespace {

bool is_many_in_one(std::string_view program) {
  return program.starts_with("busybox") || program.starts_with("toybox");
}

std::optional<std::string> name_of(const Word& word) {
  const std::string_view name = base_name(word.text);
  if (name.find(kHole) != name.npos) return std::nullopt;
  return std::string(name);
}

// Of a script that is being added: which commands its commands became.
struct Frame {
  std::string shell;                    // the program that runs it
  bool later = false;                   // that shell is going to be started
  std::vector<std::size_t> first = {};  // by the index in the script
  struct Code {
    CommandSpan from;  // in the script
    std::size_t to = 0;
  };
  std::vector<Code> codes = {};
};

// The place of a command.
struct Place {
  bool later = false;
  std::size_t depth = 0;
  Frame* frame = nullptr;       // nullptr: it is in no script
  const Word* input = nullptr;  // its here-document
};

class Builder {
 public:
  Invocations build(std::string_view path, std::span<const std::string> arguments, bool cut) {
    std::vector<Word> words;
    for (const std::string& each : arguments) words.push_back({each});
    if (cut && words.size() > 1) {
      words.back().text += kHole;
      words.back().splits = true;
    } else if (cut) {
      words.push_back({std::string(1, kHole), true});
    }
    const std::string file(base_name(path));
    std::string called = arguments.empty() ? file : std::string(base_name(arguments.front()));
    if (called.starts_with('-')) called.erase(0, 1);  // a login shell
    if (!arguments.empty()) words.erase(words.begin());
    std::vector<std::string> names{file};
    // The interpreter of a script is judged after the script, with the same arguments.
    const bool of_script = is_interpreter(file) && !is_interpreter(called);
    if (!of_script && called != file) names.insert(names.begin(), called);
    add(std::move(names), std::move(words), {});
    return std::move(line_);
  }

 private:
  void add(std::vector<std::string> names, std::vector<Word> words, const Place& place) {
    if (line_.commands.size() >= kMaxCommands || place.depth > kMaxCommandDepth)
      return give_up(words, place);
    const std::size_t self = line_.commands.size();
    line_.commands.push_back({names, words, place.later, Certainty::yes});
    if (names.empty()) line_.commands[self].runs_input = Certainty::perhaps;
    for (const std::string& name : names) {
      const bool one_of_many =
          is_many_in_one(name) && names.size() > 1;  // what it is called counts
      if (!one_of_many && look_into(self, name, words, place)) return;
    }
  }

  void add(std::span<const Word> words, const Place& place) {
    std::vector<std::string> names;
    if (std::optional<std::string> name = name_of(words.front())) names.push_back(std::move(*name));
    add(std::move(names), {words.begin() + 1, words.end()}, place);
  }

  void give_up(const std::vector<Word>& words, const Place& place) {
    std::string text;
    for (const Word& each : words) text += each.text + " ";
    line_.unclear.push_back({std::move(text), "nested too deep, or too long", false, place.later});
  }

  // Adds what the command `self` runs. Returns true if it exists to run something.
  bool look_into(std::size_t self, const std::string& name, const std::vector<Word>& words,
                 const Place& place) {
    Place inner = place;
    ++inner.depth;
    inner.input = nullptr;
    if (is_many_in_one(name) && !words.empty()) {
      add(words, inner);
      return true;
    }
    if (is_interpreter(name)) {
      interpret(self, name, words, place, inner);
      return true;
    }
    if (place.frame && (name == "eval" || name == "source" || name == ".")) {
      evaluate(self, name, words, inner);
      return true;
    }
    const std::optional<Started> started = started_by(name, words);
    if (!started) return false;
    const bool same_shell = name == "command" || name == "builtin";
    inner.later = place.later || !same_shell || !is_own(started->words);
    if (started->script)
      script({started->script->text.substr(started->script_at), started->script->splits}, "sh",
             inner);
    else
      add(started->words, inner);
    return true;
  }

  void interpret(std::size_t self, const std::string& name, const std::vector<Word>& words,
                 const Place& place, const Place& inner) {
    using Kind = ProgramSource::Kind;
    const ProgramSource source = source_of(name, words);
    line_.commands[self].runs_input = source.kind == Kind::input     ? Certainty::yes
                                      : source.kind == Kind::unclear ? Certainty::perhaps
                                                                     : Certainty::no;
    const Word* code = source.kind == Kind::input ? place.input : source.word;
    if (!code) return;
    if (source.kind == Kind::module) {
      const std::string module = code->text.substr(source.value_at);
      std::vector<std::string> names{module};
      if (const std::string_view program = program_of_module(module); program != module)
        names.emplace_back(program);
      return add(std::move(names),
                 {words.begin() + static_cast<std::ptrdiff_t>(source.rest), words.end()}, inner);
    }
    take_as_code(self, *code, place);
    if (!is_shell(name) || source.kind == Kind::file) return;
    Place there = inner;
    // No execve will show what it reads, but the script that it is written in.
    if (source.kind == Kind::input) there.later = place.frame->later;
    script({code->text.substr(source.kind == Kind::code ? source.value_at : 0), code->splits}, name,
           there);
  }

  // The shell itself runs what it is given.
  void evaluate(std::size_t self, const std::string& name, const std::vector<Word>& words,
                const Place& inner) {
    Frame& frame = *inner.frame;
    Invocation& command = line_.commands[self];
    command.runs_input = Certainty::no;
    command.names.push_back(frame.shell);
    if (frame.shell != "sh") command.names.emplace_back("sh");
    Word all;
    for (const Word& each : words) {
      take_as_code(self, each, inner);
      all.text += (all.text.empty() ? "" : " ") + each.text;
    }
    if (name != "eval" || all.text.find(kHole) != std::string::npos) return;
    Place there = inner;
    there.later = frame.later;
    script(all, frame.shell, there);
  }

  void take_as_code(std::size_t self, const Word& code, const Place& place) {
    if (!place.frame) return;
    for (const CommandSpan& each : code.output_of) place.frame->codes.push_back({each, self});
  }

  // `place` is where the shell is that runs it.
  void script(const Word& code, const std::string& shell, const Place& place) {
    if (place.depth > kMaxCommandDepth) return give_up({code}, place);
    Script script = split_script(code.text);
    if (code.splits && !place.frame)
      line_.unclear.push_back({code.text, "its end is not known", true, place.later});
    else if (script.trouble)
      line_.unclear.push_back({code.text, *script.trouble, false, place.later});
    Frame frame{shell, place.later};
    for (ScriptCommand& each : script.commands) {
      frame.first.push_back(line_.commands.size());
      if (each.words.empty()) continue;
      Place inner{place.later || !is_own(each.words), place.depth + 1, &frame, nullptr};
      if (each.input) inner.input = &*each.input;
      add(each.words, inner);
    }
    frame.first.push_back(line_.commands.size());
    const auto mapped = [&](const CommandSpan& span) {
      return CommandSpan{frame.first[span.first], frame.first[span.last]};
    };
    for (const ScriptPipe& each : script.pipes)
      line_.pipes.push_back({mapped(each.from), mapped(each.to), false, place.later});
    for (const Frame::Code& each : frame.codes)
      line_.pipes.push_back({mapped(each.from), {each.to, each.to + 1}, true, place.later});
  }

  // True if a shell carries the command out itself. That of busybox may do so with all that busybox
  // can do.
  bool is_own(std::span<const Word> words) const {
    const std::optional<std::string> name = words.empty() ? std::nullopt : name_of(words.front());
    return (name && is_builtin(*name)) ||
           std::ranges::any_of(line_.commands.front().names, is_many_in_one);
  }

  Invocations line_;
};

}  // namespace

Invocations take_apart(std::string_view path, std::span<const std::string> arguments, bool cut) {
  return Builder().build(path, arguments, cut);
}

}  // namespace stayd
