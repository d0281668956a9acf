// SPDX-License-Identifier: Apache-2.0
// execve passes several hooks; people are asked what policy says, and nothing twice.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using Exec = KernelTest;

TEST_F(Exec, ABinaryIsHeldAndRuns) {
  const Body body = executes(add_program("/bin/true"), {"--some", "argument"});
  const auto free = untagged(body);
  ASSERT_TRUE(free->ends());
  ASSERT_EQ(free->exit_code(), 0);
  const auto actor = tagged(body);
  const Json ticket = question("exec");
  EXPECT_EQ(ticket["operation"]["path"], path("programs/true"));
  EXPECT_EQ(ticket["operation"]["arguments"], Json({path("programs/true"), "--some", "argument"}));
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->ends(milliseconds(0)); }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Exec, ADeniedExecIsEpermAndTheCallerLivesOn) {
  const auto actor = tagged(executes(add_program("/bin/true")));
  deny(question("exec"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(actor->exit_code(), 1);
}

TEST_F(Exec, AProgramThatPolicyAllowsIsNotHeld) {
  const auto actor = tagged(executes("/bin/true"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 0u);
}

TEST_F(Exec, AScriptAloneIsOneQuestion) {
  const auto actor = tagged(executes(add_script("report", "#!/bin/sh\nexit 7\n")));
  const Json ticket = question("exec");
  EXPECT_EQ(ticket["operation"]["path"], path("programs/report"));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 7);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Exec, AScriptAndItsInterpreterAreTwoQuestions) {
  const std::string shell = add_program("/bin/sh");
  const auto actor = tagged(executes(add_script("report", "#!" + shell + "\nexit 7\n")));
  const Json script = question("exec");
  EXPECT_EQ(script["operation"]["path"], path("programs/report"));
  approve(script);
  const Json interpreter = question("exec");
  EXPECT_EQ(interpreter["operation"]["path"], shell);
  approve(interpreter);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 7);
  EXPECT_EQ(questions(), 2u);
}

TEST_F(Exec, ADeniedInterpreterEndsAnApprovedScript) {
  const std::string shell = add_program("/bin/sh");
  const auto actor = tagged(executes(add_script("report", "#!" + shell + "\nexit 7\n")));
  approve(question("exec"));
  const Json interpreter = question("exec");
  EXPECT_EQ(interpreter["operation"]["path"], shell);
  deny(interpreter);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Exec, TheNextExecAsksAgain) {
  const std::string program = add_program("/bin/true");
  const auto actor = tagged(in_turn({in_a_child(executes(program)), executes(program)}));
  approve(question("exec"));
  ASSERT_TRUE(actor->report().reaches(1));
  approve(question("exec", actor->pid()));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 2u);
}

TEST_F(Exec, ExecOfADescriptorIsHeld) {
  const auto actor = tagged([program = add_program("/bin/true")](Report&) -> long {
    Fd file(::open(program.c_str(), O_PATH | O_CLOEXEC));
    char name[] = "innocent";
    char* const argv[] = {name, nullptr};
    return ::syscall(SYS_execveat, file.get(), "", argv, environ, AT_EMPTY_PATH);
  });
  const Json ticket = question("exec");
  EXPECT_EQ(ticket["operation"]["path"], path("programs/true"));
  EXPECT_EQ(ticket["operation"]["arguments"], Json({"innocent"}));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
}

// The thread takes the leader's place, and its id.
TEST_F(Exec, ASecondThreadIsHeldAndBecomesTheProgram) {
  const auto actor = tagged(in_a_thread(executes(add_program("/bin/true"))));
  const Json ticket = question("exec");
  EXPECT_NE(thread_of(ticket), actor->pid());
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
