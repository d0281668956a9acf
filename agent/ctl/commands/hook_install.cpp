// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "base/regular_file.h"
#include "ctl/command.h"
#include "ctl/hook_agents.h"
#include "ctl/hook_settings.h"
#include "ctl/new_file.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 1 << 20;

struct Options {
  std::string agent;
  std::string file;
  bool print = false;
};

// As a shell and a plugin find it: by its name, unless it is where packages do not install it.
std::string stayctl() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const bool is_elsewhere = !error && self.filename() == "stayctl" && self != "/usr/bin/stayctl";
  return is_elsewhere ? self.string() : "stayctl";
}

std::string in_shell(const std::string& program) {
  if (program.find_first_of(" '\"$`\\&;|<>()*?!~#") == program.npos) return program;
  std::string quoted = "'";
  for (const char c : program) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// Returns the new contents of the file; nothing: it has them already.
Result<std::optional<std::string>> wanted(const HookAgent& agent, const std::string& before) {
  if (agent.kind == HookAgent::Kind::settings)
    return with_hook(agent, before, in_shell(stayctl()) + " hook " + std::string(agent.name));
  constexpr std::string_view kPlace = "STAYCTL";
  std::string plugin(agent.plugin);
  plugin.replace(plugin.find(kPlace), kPlace.size(), dump(stayctl()));
  if (!before.empty() && before.find("stayctl hook install") == before.npos)
    return Error{"it is there already, and is not ours; move it away, or name another file"};
  if (plugin == before) return std::optional<std::string>();
  return std::optional(std::move(plugin));
}

// A settings file that is a link stays one.
Result<> put(const std::string& path, bool is_there, const std::string& text) {
  std::error_code error;
  if (is_there) {
    const fs::path target = fs::canonical(path, error);
    if (error) return Error{path + ": " + error.message()};
    return replace_file(target, text);
  }
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return Error{path + ": " + error.message()};
  return write_new_file(path, text);
}

int run(const Options& options, const Console& console) {
  const Result<const HookAgent*> found = find_hook_agent(options.agent);
  if (!found) return console.fail(found.error(), kExitUsage);
  const HookAgent& agent = **found;
  const Result<std::string> path = options.file.empty() ? hook_file(agent) : ok(options.file);
  if (!path) return console.fail(path.error());
  std::error_code missing;
  const bool is_there = fs::exists(*path, missing);
  const Result<std::string> before =
      is_there && !options.print ? read_regular_file(*path, kMaxFile) : ok(std::string());
  if (!before) return console.fail(before.error());
  const auto text = wanted(agent, *before);
  if (!text) {
    const std::string print = "stayctl hook install " + std::string(agent.name) + " --print";
    return console.fail(Error{escape(*path, kUnbounded) + ": " + text.error().message +
                              "; add by hand what this shows: " + print});
  }
  if (options.print) {
    console.out << **text;
    return kExitOk;
  }
  if (*text)
    if (Result<> written = put(*path, is_there, **text); !written)
      return console.fail(written.error());
  if (!agent.note.empty()) console.note(agent.note);
  return console.answer(
      {{"file", escape(*path, kUnbounded)}, {"changed", text->has_value()}},
      escape(*path, kUnbounded) + (*text ? ": the hook is in place" : ": has the hook already"));
}

}  // namespace

Command hook_install_command() {
  const auto options = std::make_shared<Options>();
  return {
      .name = "hook install",
      .summary = "have an agent run that hook: claude, codex, gemini, opencode, pi or qwen",
      .operands = {operand("AGENT", options->agent)},
      .options = {text_option("--file", "FILE", "its settings or plugin; else its user's own",
                              options->file),
                  flag("--print", "show what would be written, and write nothing", options->print)},
      .run = with(options, run)};
}

}  // namespace stayd
