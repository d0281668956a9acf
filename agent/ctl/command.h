// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ctl/console.h"
#include "ctl/option.h"

namespace stayd {

// A command of stayctl, as its own file in commands/ makes it:
//
//   struct Options { std::string reason; };                  // in an unnamed namespace
//   int run(const Options& options, const Console& console);
//
//   Command deny_command() {
//     const auto options = std::make_shared<Options>();
//     return {.name = "deny", …, .options = {text_option("--reason", …, options->reason)},
//             .run = with(options, run)};
//   }
//
// A new command is a file there and its name in the COMMANDS of ctl/CMakeLists.txt.
struct Command {
  std::string name;     // one word or two: "grants list"
  std::string summary;  // for help: a phrase without a full stop
  std::vector<Operand> operands{};
  std::vector<Option> options{};                   // besides those that every command takes
  std::function<int(const Console& console)> run;  // gives an ExitCode
};

// Options and operands put their values into `options`, which the command keeps.
template <class Options>
std::function<int(const Console&)> with(std::shared_ptr<Options> options,
                                        int (*run)(const Options&, const Console&)) {
  return [options = std::move(options), run](const Console& console) {
    return run(*options, console);
  };
}

}  // namespace stayd
