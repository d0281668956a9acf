// SPDX-License-Identifier: Apache-2.0
// Real runtimes go on with everything else while a program that they spawned waits.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "spawning.h"

namespace stayd::test {
namespace {

// Arguments: where to write to, the program, its argument. Writes how long the longest pause of
// another thread was, then how long the call took, in ms.
constexpr const char* kPython = R"(import subprocess, sys, threading, time
longest, over = 0.0, False
def tick():
    global longest
    last = time.monotonic()
    while not over:
        time.sleep(0.01)
        now = time.monotonic()
        longest = max(longest, now - last)
        last = now
ticker = threading.Thread(target=tick)
ticker.start()
begun = time.monotonic()
try:
    subprocess.run(sys.argv[2:], timeout=3)
    ended = "ended"
except subprocess.TimeoutExpired:
    ended = "timeout"
took = time.monotonic() - begun
over = True
ticker.join()
with open(sys.argv[1] + ".part", "w") as file:
    file.write(f"{ended} {int(longest * 1000)} {int(took * 1000)}")
import os
os.rename(sys.argv[1] + ".part", sys.argv[1])
)";

// The same arguments. Ticks for three seconds after the spawn and writes the longest pause; and
// what the program printed and ended with, once it has, as a second file.
constexpr const char* kNode = R"(const fs = require('fs');
const { spawn } = require('child_process');
const [output, ...program] = process.argv.slice(2);
const write = (name, text) => {
  fs.writeFileSync(name + '.part', text);
  fs.renameSync(name + '.part', name);
};
setTimeout(() => {
  let longest = 0, last = process.hrtime.bigint();
  const begun = last;
  const ticker = setInterval(() => {
    const now = process.hrtime.bigint();
    longest = Math.max(longest, Number(now - last) / 1e6);
    last = now;
    if (Number(now - begun) < 3e9) return;
    clearInterval(ticker);
    write(output, 'ticked ' + Math.round(longest) + ' 0');
  }, 10);
  let said = '';
  const child = spawn(program[0], program.slice(1));
  child.stdout.on('data', (data) => { said += data; });
  child.on('error', (error) => write(output + '.end', 'error ' + error.code));
  child.on('close', (code) => write(output + '.end', said.trim() + ' ' + code));
}, 200);
)";

class SpawnPrograms : public Spawning {
 protected:
  struct Said {
    std::string what;
    int longest = -1;
    int took = -1;
  };
  static std::string contents(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string wait_for(const std::string& file) const {
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(file); }, seconds(60))) << file;
    return contents(file);
  }
  Said said_in(const std::string& file) const {
    Said said;
    std::istringstream(wait_for(file)) >> said.what >> said.longest >> said.took;
    return said;
  }
};

// In Python no other thread runs while one spawns.
TEST_F(SpawnPrograms, ATimeoutInPythonIsKeptAndItsThreadsGoOn) {
  write("spawn.py", kPython);
  const auto run = [&](const std::string& output, const std::string& program) {
    return executes("/usr/bin/python3", {path("spawn.py"), path(output), program, "1000"});
  };
  const auto free = untagged(run("free", "/bin/sleep"));
  const Said baseline = said_in(path("free"));
  ASSERT_EQ(baseline.what, "timeout");
  const auto actor = tagged(run("held", add_program("/bin/sleep")));
  const Json ticket = question("exec");
  const Said said = said_in(path("held"));
  EXPECT_EQ(said.what, "timeout");
  EXPECT_LT(said.longest, baseline.longest + 100);
  EXPECT_LT(said.took, baseline.took + 100);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

TEST_F(SpawnPrograms, AnEventLoopInNodeGoesOnAndHearsOfTheProgramLater) {
  if (::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no node here";
  write("spawn.js", kNode);
  const auto run = [&](const std::string& output, const std::string& program) {
    return executes("/usr/bin/env", {"node", path("spawn.js"), path(output), program, "hello"});
  };
  const auto free = untagged(run("free", "/bin/echo"));
  const Said baseline = said_in(path("free"));
  const auto actor = tagged(run("held", add_program("/bin/echo")));
  const Json ticket = question("exec");
  const Said said = said_in(path("held"));
  EXPECT_LT(said.longest, baseline.longest + 100);
  EXPECT_FALSE(std::filesystem::exists(path("held.end")));
  approve(ticket);
  EXPECT_EQ(wait_for(path("held.end")), "hello 0");
}

}  // namespace
}  // namespace stayd::test
