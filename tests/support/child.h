// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <stdexcept>
#include <string>
#include <vector>

extern "C" char** environ;  // POSIX leaves its declaration to the program

namespace stayd::test {

// Another program, found in PATH; killed at the end of the test.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (::posix_spawnp(&pid_, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0)
      throw std::runtime_error("cannot run " + arguments[0]);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_ = -1;
};

}  // namespace stayd::test
