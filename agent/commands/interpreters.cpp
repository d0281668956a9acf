// SPDX-License-Identifier: Apache-2.0
#include "commands/interpreters.h"

#include <algorithm>

#include "commands/options.h"

namespace stayd {
namespace {

constexpr std::string_view kShells = "sh ash bash dash fish ksh mksh rbash zsh";

// The options that bring code, and those that bring a module.
struct Interpreter {
  std::string_view name, code, module;
};
constexpr Interpreter kInterpreters[] = {
    {"python", "-c", "-m"},
    {"pypy", "-c", "-m"},
    {"node", "-e --eval -p --print", ""},
    {"nodejs", "-e --eval -p --print", ""},
    {"bun", "-e --eval -p --print", ""},
    {"perl", "-e -E", ""},
    {"ruby", "-e", ""},
    {"php", "-r", ""},
    {"lua", "-e", ""},
    {"Rscript", "-e", ""},
    {"deno", "", ""},
};

constexpr std::pair<std::string_view, std::string_view> kModules[] = {
    {"awscli", "aws"},
    {"azure.cli", "az"},
    {"huggingface_hub.cli.hf", "hf"},
    {"huggingface_hub.commands.huggingface_cli", "huggingface-cli"},
};

// The builtins of bash, dash and zsh together.
constexpr std::string_view kBuiltins =
    ". : [ alias autoload bg bind break builtin cd command compgen complete continue declare dirs "
    "disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let "
    "local logout mapfile popd print printf pushd pwd read readarray readonly return set setopt "
    "shift shopt source suspend test times trap true type typeset ulimit umask unalias unset "
    "unsetopt wait whence where zmodload";

const Interpreter* find_interpreter(std::string_view program) {
  for (const std::string_view name : {program, without_version(program)}) {
    const auto found = std::ranges::find(kInterpreters, name, &Interpreter::name);
    if (found != std::end(kInterpreters)) return found;
  }
  return nullptr;
}

using Kind = ProgramSource::Kind;

// Returns the operand: a file, "-" for standard input, or code after "-c" of a shell.
ProgramSource operand(const Given& given, Kind kind) {
  if (given.words.empty()) return {};
  const auto& [word, place, perhaps_value] = given.words.front();
  if (word->splits && word->text.starts_with(kHole)) return {.kind = Kind::unclear};
  if (kind == Kind::file && (word->text == "-" || word->text == "/dev/stdin")) return {};
  return {.kind = kind, .word = word, .value_at = 0, .rest = place + 1};
}

bool has_option(const Given& given, std::string_view name) {
  return std::ranges::any_of(given.options,
                             [&](const GivenOption& each) { return each.name == name; });
}

ProgramSource source_of_shell(const Given& given) {
  if (has_option(given, "-c")) return operand(given, Kind::code);
  if (has_option(given, "-s")) return {};
  return operand(given, Kind::file);
}

}  // namespace

bool is_shell(std::string_view program) { return has_word(kShells, program); }

bool is_interpreter(std::string_view program) {
  return is_shell(program) || find_interpreter(program) != nullptr;
}

bool is_builtin(std::string_view program) { return has_word(kBuiltins, program); }

std::string_view program_of_module(std::string_view module) {
  const auto found =
      std::ranges::find(kModules, module, [](const auto& each) { return each.first; });
  return found == std::end(kModules) ? module : found->second;
}

ProgramSource source_of(std::string_view interpreter, std::span<const Word> words) {
  const Given given = read_options(find_tool(interpreter), words, {}, 1);
  if (is_shell(interpreter)) return source_of_shell(given);
  const Interpreter* known = find_interpreter(interpreter);
  if (!known) return {.kind = Kind::unclear};
  for (const GivenOption& each : given.options) {
    const bool code = has_word(known->code, each.name);
    if (!each.value || (!code && !has_word(known->module, each.name))) continue;
    return {.kind = code ? Kind::code : Kind::module,
            .word = each.value,
            .value_at = each.value_at,
            .rest = each.place + 1};
  }
  return operand(given, Kind::file);
}

}  // namespace stayd
