// SPDX-License-Identifier: Apache-2.0
#include "support/node.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/temp_dir.h"

namespace stayd::test {
namespace {

std::string in_quotes(const std::string& argument) {
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string node(const std::vector<std::string>& arguments, const std::string& input) {
  const TempDir directory;
  std::ofstream(directory / "in", std::ios::binary) << input;
  std::string command = "node";
  for (const std::string& argument : arguments) command += " " + in_quotes(argument);
  command += " <" + in_quotes(directory / "in") + " >" + in_quotes(directory / "out") + " 2>" +
             in_quotes(directory / "err");
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error(command + ": " + contents(directory / "err"));
  return contents(directory / "out");
}

}  // namespace stayd::test
