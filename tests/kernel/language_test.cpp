// SPDX-License-Identifier: Apache-2.0
// What the policy language says, on the kernel.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

class Language : public KernelTest {
 protected:
  // Everything is allowed but for `sections`.
  void put_under(const std::string& sections, const std::string& head = "") {
    std::string policy = "policy: language\n" + head + sections;
    for (const char* name : {"network", "files", "exec"})
      if (policy.find(std::string("\n") + name + ":") == std::string::npos)
        policy += std::string(name) + ": {default: allow}\n";
    write("policy.yaml", policy);
    assign();
  }
  long ends_with(const Body& body) {
    const auto actor = tagged(body);
    if (!actor->ends()) return -ETIMEDOUT;
    return actor->report().value < 0 ? -actor->report().error : actor->report().value.load();
  }
  Body removes(const std::string& file) const {
    return [file](Report&) -> long { return ::unlink(file.c_str()); };
  }
  Body renames(const std::string& from, const std::string& to) const {
    return [from, to](Report&) -> long { return ::rename(from.c_str(), to.c_str()); };
  }
};

TEST_F(Language, ADeletionIsHeldUntilSomebodyAnswers) {
  put_under("files: {default: allow, delete: {hold: [" + path("data") + "]}}\n");
  const auto actor = tagged(removes(customers()));
  approve(question("delete"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 0);
  EXPECT_FALSE(fs::exists(customers()));
}

TEST_F(Language, ARenameOutOfALabelIsHeldLikeARead) {
  put_under("files: {default: allow, read: {hold: [" + path("data") + "]}}\n");
  const auto actor = tagged(renames(customers(), path("innocent")));
  deny(question("rename"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_TRUE(fs::exists(customers()));
  EXPECT_EQ(ends_with(renames(customers(), path("data/other"))), 0);
}

TEST_F(Language, NamesAndExtensionsAreMatchedInTheKernel) {
  put_under("files: {default: allow, read: {deny: [\"**/.env\", \"**/*.pem\"]}}\n");
  for (const char* name : {"new/.env", "new/key.pem", "new/environment"}) write(name, "x");
  EXPECT_EQ(ends_with(reads(path("new/.env"))), -EPERM);
  EXPECT_EQ(ends_with(reads(path("new/key.pem"))), -EPERM);
  EXPECT_EQ(ends_with(reads(path("new/environment"))), 1);
  EXPECT_EQ(ends_with(renames(path("new/environment"), path("new/x.pem"))), 0);
  EXPECT_EQ(ends_with(reads(path("new/x.pem"))), -EPERM) << "what was found before the rename";
}

TEST_F(Language, OtherPatternsAreAskedOfTheGatekeeper) {
  put_under("files: {default: allow, read: {deny: [\"**/id_*\", \"" + path("new") + "/*/k*\"]}}\n");
  fs::create_directory(path("new/sub"));
  for (const char* name : {"new/id_rsa", "new/sub/key", "new/sub/lock"}) write(name, "x");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ends_with(reads(path("new/id_rsa"))), -EPERM);
    EXPECT_EQ(ends_with(reads(path("new/sub/key"))), -EPERM);
    EXPECT_EQ(ends_with(reads(path("new/sub/lock"))), 1);
  }
}

TEST_F(Language, AFlowRefusesTheNetworkAfterALabelWasRead) {
  TcpListener listener;
  put_under("network: {default: allow}\nflows: [{after: {read: data}, network: deny}]\n",
            "labels: {data: [" + path("data") + "]}\n");
  EXPECT_GE(ends_with(connects(listener.port())), 0);
  EXPECT_GT(ends_with(reads(customers())), 0);
  EXPECT_EQ(ends_with(connects(listener.port())), -EPERM);
}

class FlowOfFiles : public Language {
 protected:
  FlowOfFiles() {
    for (const char* name : {"a", "b", "c", "d"}) write(std::string("data/") + name, "x");
    begin_after(3);
  }
  // A program is judged outside of the kernel, because there is a rule about arguments.
  void begin_after(int files) {
    const std::string after = "{after: {read: data, files: " + std::to_string(files) + "}, ";
    put_under("network: {default: allow}\nflows: [" + after + "network: deny, exec: deny}]\n" +
                  "exec: {default: allow, deny: [\"never so*\"]}\n",
              "labels: {data: [" + path("data") + "]}\n");
  }
  long read_file(const std::string& name) { return ends_with(reads(path("data/" + name))); }
  bool is_in_force() {
    const bool refused = ends_with(connects(listener_.port())) == -EPERM;
    EXPECT_EQ(ends_with(in_a_child(executes("/usr/bin/true"))) == -EPERM, refused);
    return refused;
  }

 private:
  TcpListener listener_;
};

TEST_F(FlowOfFiles, BeginsOnceSoManyFilesWereReadEachCountedOnce) {
  EXPECT_FALSE(is_in_force());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(read_file("a"), 1);
  EXPECT_EQ(read_file("b"), 1);
  EXPECT_FALSE(is_in_force());
  EXPECT_EQ(read_file("c"), 1);
  EXPECT_TRUE(is_in_force());
}

TEST_F(FlowOfFiles, CountsOnAfterARestartAndUnderAnotherPolicy) {
  EXPECT_EQ(read_file("a"), 1);
  stayd().stop();
  stayd().start();
  EXPECT_EQ(read_file("b"), 1);
  EXPECT_FALSE(is_in_force());
  begin_after(2);
  EXPECT_TRUE(is_in_force());
  begin_after(4);
  EXPECT_FALSE(is_in_force());
}

TEST_F(FlowOfFiles, ANewWorkloadHasReadNothing) {
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(read_file(name), 1);
  EXPECT_TRUE(is_in_force());
  release();
  begin_after(3);
  EXPECT_FALSE(is_in_force());
}

TEST_F(Language, AnObservedWorkloadIsNeverHeld) {
  put_under("files: {default: allow, read: {hold: [" + path("data") + "]}, delete: {deny: [" +
                path("data") + "]}}\n",
            "mode: observe\n");
  EXPECT_GT(ends_with(reads(customers())), 0);
  EXPECT_EQ(ends_with(removes(customers())), 0);
  EXPECT_EQ(questions(), 0u);
}

TEST_F(Language, ADirectoryThatAppearsLaterIsLabelledFromTheFirstOpenOn) {
  put_under("files: {default: allow, read: {deny: [" + path("later") + ", " +
            path("deep/er/still") + "]}}\n");
  fs::create_directory(path("later"));
  write("later/x", "x");
  EXPECT_EQ(ends_with(reads(path("later/x"))), -EPERM);
  fs::create_directories(path("deep/er/still"));
  write("deep/er/still/x", "x");
  EXPECT_EQ(ends_with(reads(path("deep/er/still/x"))), -EPERM);
  fs::rename(path("deep"), path("away"));
  fs::create_directories(path("deep/er/still"));
  write("deep/er/still/y", "y");
  EXPECT_EQ(ends_with(reads(path("deep/er/still/y"))), -EPERM);
}

TEST_F(Language, ArgumentsAreMatchedByTheGatekeeper) {
  const std::string program = add_program("/bin/echo");
  put_under("exec: {default: allow, deny: [\"echo push --force*\"]}\n");
  const auto forced = tagged(executes(program, {"push", "--force", "x"}));
  ASSERT_TRUE(forced->ends());
  EXPECT_EQ(forced->report().error, EPERM);
  const auto plain = tagged(executes(program, {"push"}));
  ASSERT_TRUE(plain->ends());
  EXPECT_EQ(plain->exit_code(), 0);
}

}  // namespace
}  // namespace stayd::test
