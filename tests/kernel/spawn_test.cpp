// SPDX-License-Identifier: Apache-2.0
// A program that its parent waits for is held after it is loaded, and the parent goes on.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "spawning.h"

namespace stayd::test {
namespace {

using testing::HasSubstr;
using Spawn = Spawning;

constexpr const char* kNotAllowed = "stayd: this program was not allowed to run\n";

// As a parent may be interrupted without any hold, when the machine is busy.
constexpr milliseconds kGap{100};

struct Way {
  const char* name;
  Body (*spawn)(std::string, std::vector<std::string>);
};

class EitherWay : public Spawning, public ::testing::WithParamInterface<Way> {
 protected:
  Body spawn(const std::string& path, std::vector<std::string> arguments = {}) const {
    return GetParam().spawn(path, std::move(arguments));
  }
};

INSTANTIATE_TEST_SUITE_P(Spawn, EitherWay,
                         ::testing::Values(Way{"Vfork", spawns},
                                           Way{"ForkBesideAThread", forks_beside_a_thread}),
                         [](const auto& way) { return std::string(way.param.name); });

TEST_P(EitherWay, TheParentGoesOnWhileTheProgramWaitsAndGetsItsOutput) {
  const auto actor = tagged(spawn(add_program("/bin/echo"), {"hello"}));
  ASSERT_TRUE(actor->report().reaches(kSpawned));
  const Json ticket = question_in_place();
  EXPECT_EQ(thread_of(ticket), child_of(*actor));
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  EXPECT_STREQ(actor->report().text, "");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(status_of(*actor), 0);
  EXPECT_STREQ(actor->report().text, "hello\n");
  EXPECT_EQ(questions(), 1u);
}

TEST_P(EitherWay, ADeniedProgramSaysThatItMayNotRunAndEndsWithStatus126) {
  const auto actor = tagged(spawn(add_program("/bin/echo"), {"hello"}));
  deny(question_in_place());
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(WIFEXITED(status_of(*actor))) << "killed by " << WTERMSIG(status_of(*actor));
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
  EXPECT_STREQ(actor->report().text, kNotAllowed);
}

TEST_P(EitherWay, APolicyCanMakeTheCallItselfWait) {
  put_under("{default: allow, hold: [" + path("programs") + "], wait_in: call}");
  const auto actor = tagged(spawn(add_program("/bin/echo"), {"hello"}));
  const Json ticket = question("exec");
  EXPECT_TRUE(throughout(kWhile, [&] { return actor->report().stage == 0; }));
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Spawn, TheParentIsHeldUpForAMoment) {
  const std::string program = add_program("/bin/true");
  const auto took = [&](const std::unique_ptr<Actor>& actor, std::int64_t begun) {
    EXPECT_TRUE(actor->report().reaches(kSpawned));
    return milliseconds((actor->report().counters[kSpawnedNs] - begun) / 1'000'000);
  };
  const Body body = [spawn = spawns(program)](Report& report) {
    report.counters[3] = now_ns();
    return spawn(report);
  };
  const auto free = untagged(body);
  const milliseconds baseline = took(free, free->report().counters[3]);
  const auto actor = tagged(body);
  const Json ticket = question_in_place();
  EXPECT_LT(took(actor, actor->report().counters[3]), baseline + kGap);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(Spawn, APipeThatIsToBeClosedOnExecIsClosedWhileTheProgramWaits) {
  const auto actor = tagged([program = add_program("/bin/true")](Report& report) -> long {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
    const pid_t child = ::vfork();
    if (child == 0) {
      ::execl(program.c_str(), program.c_str(), nullptr);
      ::_exit(99);
    }
    ::close(ends[1]);
    char byte;
    if (::read(ends[0], &byte, 1) != 0) return -1;
    report.stage = kSpawned;
    return ::waitpid(child, nullptr, 0);
  });
  const Json ticket = question_in_place();
  ASSERT_TRUE(actor->report().reaches(kSpawned));
  EXPECT_FALSE(actor->report().ended);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(Spawn, AForkWithoutAThreadWaitsInItsCall) {
  const auto actor = tagged(in_a_child(executes(add_program("/bin/true"))));
  deny(question("exec"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Spawn, APolicyCanMakeEveryForkedProgramWaitInPlace) {
  put_under("{default: allow, hold: [" + path("programs") + "], wait_in: program}");
  const auto actor = tagged([run = executes(add_program("/bin/true"))](Report& report) -> long {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(run(report) < 0 ? 99 : 98);
    int status = 0;
    ::waitpid(child, &status, 0);
    report.counters[kStatus] = status;
    return 0;
  });
  deny(question_in_place());
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
}

TEST_F(Spawn, AProgramThatTakesThePlaceOfAnotherWaitsInItsCall) {
  put_under("{default: allow, hold: [" + path("programs") + "], wait_in: program}");
  const auto actor = tagged(spawns("/bin/sh", {"-c", "exec " + add_program("/bin/true")}));
  deny(question("exec"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126) << "of the shell";
  EXPECT_THAT(actor->report().text, HasSubstr("not permitted"));
}

TEST_F(Spawn, AScriptWaitsInItsCallAndRuns) {
  const auto actor = tagged(spawns(add_script("report", "#!/bin/sh\necho $1\n"), {"hello"}));
  const Json ticket = question("exec");
  EXPECT_TRUE(throughout(kWhile, [&] { return actor->report().stage == 0; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello\n");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Spawn, AHeldInterpreterOfAnAllowedScriptWaitsInTheCall) {
  write("new/report", "#!" + add_program("/bin/sh") + "\necho $1\n", 0755);
  const auto actor = tagged(spawns(path("new/report"), {"hello"}));
  const Json ticket = question("exec");
  EXPECT_TRUE(throughout(kWhile, [&] { return actor->report().stage == 0; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello\n");
}

// The kernel finds out only after it has let the program pass.
TEST_F(Spawn, AProgramThatCannotBeLoadedFailsAsWithoutAHold) {
  const std::string program = add_program("/bin/true");
  std::string image = [&] {
    std::ifstream file(program, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  const std::size_t at = image.find(loader);
  ASSERT_NE(at, std::string::npos);
  image.replace(at, loader.size(), "/nowhere/nothing-is-here.so");
  std::ofstream(program, std::ios::binary) << image;
  ASSERT_EQ(unguarded(spawns(program)), -ENOENT);
  const auto actor = tagged(spawns(program));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ENOENT);
  EXPECT_TRUE(eventually([&] { return !anything_open(); }));
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Spawn, ASecondThreadCanSpawn) {
  const auto actor = tagged(in_a_thread(spawns(add_program("/bin/echo"), {"hello"})));
  approve(question_in_place());
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello\n");
}

TEST_F(Spawn, AGrantLetsTheNextOneRunUnasked) {
  const std::string program = add_program("/bin/echo");
  const auto first = tagged(spawns(program, {"hello"}));
  approve(question_in_place(), 600);
  ASSERT_TRUE(first->ends());
  const auto second = tagged(spawns(program, {"hello"}));
  ASSERT_TRUE(second->ends());
  EXPECT_STREQ(second->report().text, "hello\n");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Spawn, ManyProgramsWaitInPlaceAndAreAnsweredAtOnce) {
  constexpr int kPrograms = 60;
  const auto actor = tagged([program = add_program("/bin/true")](Report& report) -> long {
    std::vector<pid_t> children;
    for (int i = 0; i < kPrograms; ++i) {
      const pid_t child = ::vfork();
      if (child == 0) {
        ::execl(program.c_str(), program.c_str(), nullptr);
        ::_exit(99);
      }
      children.push_back(child);
      ++report.stage;
    }
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      if (status == 0) ++report.counters[3];
    }
    return 0;
  });
  ASSERT_TRUE(actor->report().reaches(kPrograms));
  const Json ticket = question("exec");
  EXPECT_TRUE(eventually([&] { return stayd().parked() >= kPrograms; }));
  EXPECT_EQ(look_at(ticket)["waiting"], kPrograms);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().counters[3], kPrograms);
}

// As an ordinary user; the program shows with whose privileges it runs.
TEST_F(Spawn, ASetuidProgramKeepsItsPrivileges) {
  const std::string program = add_program("/usr/bin/id");
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  const Body body = [spawn = spawns(program, {"-u"})](Report& report) -> long {
    if (::setresgid(1000, 1000, 1000) != 0 || ::setresuid(1000, 1000, 1000) != 0) return -1;
    return spawn(report);
  };
  const auto free = untagged(body);
  ASSERT_TRUE(free->ends());
  ASSERT_STREQ(free->report().text, "0\n");
  const auto actor = tagged(body);
  approve(question_in_place());
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "0\n");
}

TEST_F(Spawn, TheProgramBeginsWithTheSignalMaskThatItInherited) {
  const Body body = [spawn = spawns(add_program("/bin/grep"), {"SigBlk", "/proc/self/status"})](
                        Report& report) -> long {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : {SIGSEGV, SIGUSR1, SIGTERM}) sigaddset(&blocked, signal);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    return spawn(report);
  };
  const auto free = untagged(body);
  ASSERT_TRUE(free->ends());
  const auto actor = tagged(body);
  approve(question_in_place());
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, free->report().text);
}

}  // namespace
}  // namespace stayd::test
