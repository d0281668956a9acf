// SPDX-License-Identifier: Apache-2.0
// Any bytes are taken apart into commands and pipes that lie within each other's bounds, and into
// words that say truly where they were written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/shell.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const stayd::CommandSpan& span, std::size_t size) {
  require(span.first <= span.last && span.last <= size);
}

void check(const stayd::Word& word, std::size_t commands, std::string_view text) {
  for (const stayd::CommandSpan& each : word.output_of) check(each, commands);
  for (const stayd::CommandSpan& each : word.input_of) check(each, commands);
  require(word.written.size() == word.text.size());
  std::size_t last = 0;
  for (std::size_t i = 0; i < word.text.size(); ++i) {
    const auto [begin, end] = word.written[i];
    require(last <= begin && begin < end && end <= text.size());
    if (end == begin + 1 && word.text[i] != stayd::kHole) require(word.text[i] == text[begin]);
    last = end;
  }
}

stayd::Script checked(std::string_view text, stayd::AfterTrouble after) {
  stayd::Script script = stayd::split_script(text, after);
  const std::size_t size = script.commands.size();
  require(size <= stayd::kMaxScriptCommands);
  for (const stayd::ScriptPipe& each : script.pipes) {
    check(each.from, size);
    check(each.to, size);
  }
  for (const stayd::ScriptCommand& command : script.commands) {
    for (const stayd::Word& word : command.assignments) check(word, size, text);
    for (const stayd::Word& word : command.words) check(word, size, text);
    if (command.input) check(*command.input, size, text);
  }
  return script;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stayd::Script script = checked(text, stayd::AfterTrouble::stop);
  const stayd::Script whole = checked(text, stayd::AfterTrouble::go_on);
  // Without trouble there is nothing to go on after.
  require(script.trouble == whole.trouble);
  if (script.trouble) return 0;
  require(script.commands.size() == whole.commands.size() && script.pipes == whole.pipes);
  for (std::size_t i = 0; i < script.commands.size(); ++i)
    require(script.commands[i].words == whole.commands[i].words);
  return 0;
}
