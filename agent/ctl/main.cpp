// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/commands.h"
#include "ctl/raw_terminal.h"

namespace {

bool wants_colour() {
  if (::isatty(STDOUT_FILENO) == 0) return false;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  stayd::Console console{std::cout, std::cerr};
  if (auto size = stayd::terminal_size(STDOUT_FILENO)) console.width = size->columns;
  console.colour = wants_colour();
  if (::isatty(STDIN_FILENO) != 0)
    console.in = &std::cin;
  else
    console.input = &std::cin;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const int code = stayd::run_stayctl(words, console);
  std::cout.flush();
  if (!std::cout) return console.fail(stayd::Error{"cannot write the answer"});
  return code;
}
