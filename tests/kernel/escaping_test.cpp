// SPDX-License-Identifier: Apache-2.0
// What a workload calls its files and arguments never reaches a terminal as it is.
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "kernel_test.h"

namespace stayd::test {
namespace {

constexpr const char* kEvil[] = {
    "colour-\x1b[31mred\x1b[0m",
    "title-\x1b]0;owned\x07",
    "invalid-\xff\xfe\xc3(",
    "reversed-\xe2\x80\xae"
    "gpj.exe\xe2\x81\xa6",
    "lines-\r\nticket 1: approved\t",
    "template-{{7*7}}<b>",
    "control-\x01\x7f\xc2\x9b"
    "31m",
};

class Escaping : public KernelTest {
 protected:
  // What stayctl says to something that is not a terminal.
  std::string stayctl(const std::string& words) {
    const std::string command = built_program("agent/ctl/stayctl") + " --socket " +
                                stayd().socket_path() + " " + words + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string said;
    char bytes[4096];
    for (std::size_t size; (size = ::fread(bytes, 1, sizeof(bytes), pipe)) > 0;)
      said.append(bytes, size);
    EXPECT_EQ(::pclose(pipe), 0) << words << ": " << said;
    return said;
  }

  void expect_harmless(const std::string& text) {
    const auto bad = std::find_if(text.begin(), text.end(), [](unsigned char each) {
      return each != '\n' && (each < ' ' || each > '~');
    });
    EXPECT_EQ(bad, text.end()) << "byte " << (bad - text.begin()) << " of "
                               << testing::PrintToString(text);
    EXPECT_EQ(text.find("\nticket 1: approved"), std::string::npos);
  }

  void expect_harmless_everywhere(const std::string& must_show) {
    const Json ticket = question();
    const std::string id = ticket["id"].dump();
    for (const std::string& words : std::vector<std::string>{"list", "list --all", "--json list"})
      expect_harmless(stayctl(words));
    for (const std::string& words : {"show " + id, "--json show " + id}) {
      const std::string said = stayctl(words);
      expect_harmless(said);
      EXPECT_NE(said.find(must_show), std::string::npos) << words << ": " << said;
    }
    deny(ticket);
  }
};

TEST_F(Escaping, PathsAreEscapedEverywhere) {
  for (const char* evil : kEvil) {
    std::string name = evil;
    std::replace(name.begin(), name.end(), '/', '_');
    write("data/" + name, "x");
    const auto actor = tagged(reads(path("data/" + name)));
    expect_harmless_everywhere(name.substr(0, name.find('-')));
    ASSERT_TRUE(actor->ends());
  }
}

TEST_F(Escaping, ArgumentsAndProgramNamesAreEscapedEverywhere) {
  const std::string program = add_program("/bin/true");
  const auto actor = tagged([program](Report&) -> long {
    std::vector<char*> argv;
    for (const char* each : kEvil) argv.push_back(const_cast<char*>(each));
    argv.push_back(nullptr);
    ::pthread_setname_np(::pthread_self(), "\x1b[2Jevil");
    return ::execv(program.c_str(), argv.data());
  });
  expect_harmless_everywhere("colour-");
  ASSERT_TRUE(actor->ends());
}

// watch draws with escapes of its own; none of the workload's may be among them.
TEST_F(Escaping, TheLiveViewShowsNoEscapesOfTheWorkload) {
  write(std::string("data/") + kEvil[0], "x");
  write(std::string("data/") + kEvil[3], "x");
  const auto one = tagged(reads(path(std::string("data/") + kEvil[0])));
  const auto two = tagged(reads(path(std::string("data/") + kEvil[3])));
  ASSERT_TRUE(eventually([&] { return tickets(false).size() == 2; }));
  const std::string program = built_program("agent/ctl/stayctl");
  winsize size{.ws_row = 50, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
  int terminal = -1;
  const pid_t watcher = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (watcher == 0) {
    ::execl(program.c_str(), "stayctl", "--socket", stayd().socket_path().c_str(), "watch",
            nullptr);
    ::_exit(127);
  }
  Fd screen(terminal);
  std::string said;
  const auto shows = [&](const std::string& text) { return said.find(text) != said.npos; };
  char bytes[4096];
  while (!(shows("colour-") && shows("reversed-")) && readable(screen.get(), kPatience)) {
    const ssize_t got = ::read(screen.get(), bytes, sizeof(bytes));
    if (got <= 0) break;
    said.append(bytes, static_cast<std::size_t>(got));
  }
  EXPECT_TRUE(shows("colour-") && shows("reversed-")) << testing::PrintToString(said);
  EXPECT_FALSE(shows("\x1b[31mred"));
  EXPECT_FALSE(shows("\xe2\x80\xae"));
  EXPECT_FALSE(shows("\xe2\x81\xa6"));
  ::kill(watcher, SIGKILL);
  ::waitpid(watcher, nullptr, 0);
}

}  // namespace
}  // namespace stayd::test
