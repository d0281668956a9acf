// SPDX-License-Identifier: Apache-2.0
// An execve is judged by all of its arguments, whatever their lengths and their number.
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

constexpr int kMaxLength = 200;

using Words = std::vector<std::string>;

// Executes the program in a child; its exit status, or minus the error of the execve.
long run(const std::string& program, const Words& words, const Words& environment = {}) {
  const auto pointers = [](const Words& of) {
    std::vector<char*> all;
    for (const std::string& each : of) all.push_back(const_cast<char*>(each.c_str()));
    all.push_back(nullptr);
    return all;
  };
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), nullptr, nullptr, pointers(words).data(),
                                  pointers(environment).data());
  if (error != 0) return -error;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class ExecLengths : public KernelTest {
 protected:
  ExecLengths() {
    std::ofstream(path("policy.yaml")) << "policy: kernel-test\nnetwork: {default: hold}\n"
                                          "files: {default: allow}\n"
                                          "exec:\n  default: allow\n"
                                          "  hold: [\"git push*\"]\n"
                                          "  deny: [\"git push*--force*\", \"git *evil*\"]\n"
                                          "approval: {timeout: 10m}\n";
    assign();
    git_ = add_program("/bin/true");
    std::filesystem::rename(git_, path("programs/git"));
    git_ = path("programs/git");
  }

  // Runs the program once with each of what `words` makes of 0 to kMaxLength bytes. Says the first
  // length that did not end with 0, or that all did.
  static Body runs_with_every_length(const std::function<long(const std::string&)>& run_with) {
    return [run_with](Report& report) -> long {
      for (int length = 0; length <= kMaxLength; ++length) {
        const long result = run_with(std::string(static_cast<std::size_t>(length), 'x'));
        if (result == 0) continue;
        const std::string said = std::to_string(length) + " bytes: " + std::to_string(result);
        report.say(said.data(), said.size());
        return -1;
      }
      return kMaxLength;
    };
  }
  void expect_all_run(const std::function<long(const std::string&)>& run_with) {
    const auto actor = tagged(runs_with_every_length(run_with));
    ASSERT_TRUE(actor->ends(milliseconds(120'000)));
    EXPECT_EQ(actor->report().value, kMaxLength) << actor->report().text;
    EXPECT_EQ(questions(), 0u);
  }
  // How the execve ends in the workload: its exit status, or minus the error.
  long result_of(const std::string& program, const Words& words) {
    const auto actor = tagged([=](Report&) -> long { return run(program, words) + 1000; });
    EXPECT_TRUE(actor->ends(milliseconds(60'000)));
    return actor->report().value - 1000;
  }
  static Words repeated(std::size_t times, const std::string& word, Words before = {},
                        const Words& after = {}) {
    before.insert(before.end(), times, word);
    before.insert(before.end(), after.begin(), after.end());
    return before;
  }

  std::string git_;
};

TEST_F(ExecLengths, AnArgumentMayHaveAnyLength) {
  expect_all_run([](const std::string& text) { return run("/bin/true", {"true", text}); });
}

TEST_F(ExecLengths, EachOfThreeArgumentsMayHaveAnyLength) {
  expect_all_run([](const std::string& text) {
    const long first = run("/bin/true", {"true", text, "", "z"});
    return first != 0 ? first : run("/bin/true", {"true", "a", text, ""});
  });
}

TEST_F(ExecLengths, TheProgramsOwnNameMayHaveAnyLength) {
  expect_all_run([](const std::string& text) { return run("/bin/true", {text, "a"}); });
}

TEST_F(ExecLengths, AStringOfTheEnvironmentMayHaveAnyLength) {
  expect_all_run([](const std::string& text) {
    return run("/bin/true", {"true", "a"}, {text, "A=b"});
  });
}

TEST_F(ExecLengths, AScriptsArgumentMayHaveAnyLength) {
  const std::string script = path("script");
  write("script", "#!/bin/true\n", 0755);
  expect_all_run([script](const std::string& text) { return run(script, {script, text}); });
}

TEST_F(ExecLengths, LongAndManyArgumentsOfAProgramThatNoRuleIsAboutRunUnasked) {
  const std::vector<Words> all = {
      {"true", std::string(511, 'x')},
      {"true", std::string(512, 'x')},
      {"true", std::string(4096, 'x')},
      {"true", std::string(100'000, 'x')},
      repeated(62, "file", {"true"}),
      repeated(63, "file", {"true"}),
      repeated(64, "file", {"true"}),
      repeated(1000, "a-file-with-a-name", {"true"}),
      repeated(5000, "", {"true"}),
      {"true", std::string(3600, 'x'), "y"},
      {"bash", "-c", "cat <<END\n" + std::string(5000, '\n') + "git push --force\nEND"},
      repeated(16, std::string(100'000, 'x'), {"true"}),
  };
  for (const Words& words : all)
    EXPECT_EQ(result_of("/bin/true", words), 0)
        << words.size() << " words, the last of " << words.back().size() << " bytes";
  EXPECT_EQ(questions(), 0u);
}

TEST_F(ExecLengths, LongArgumentsThatARuleCannotMatchRunUnaskedEvenIfItsProgramDoes) {
  EXPECT_EQ(result_of(git_, repeated(70, "a-file-of-the-tree", {"git", "add"})), 0);
  EXPECT_EQ(result_of(git_, {"git", "commit", "-m", std::string(20'000, 'x')}), 0);
  EXPECT_EQ(questions(), 0u);
}

TEST_F(ExecLengths, ARuleIsMetByTheLastOfManyArguments) {
  const Words options = repeated(1000, "-v", {"git", "push"});
  EXPECT_EQ(result_of(git_, repeated(0, "", options, {"--force"})), -EPERM);
  EXPECT_EQ(result_of(git_, {"git", std::string(50'000, 'x'), "evil"}), -EPERM);
  EXPECT_EQ(questions(), 0u);
  const auto actor = tagged([=, git = git_](Report&) -> long { return run(git, options); });
  const Json ticket = question("exec");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

// A long argument in a file's pages, which another thread takes out of memory. The kernel brings
// them back when it copies the argument; the hook may look for them after they were taken again.
class VanishingArgument {
 public:
  // `once`: only once for each call of run(), at a random moment of it.
  explicit VanishingArgument(bool once)
      : taker_([this, once] {
          std::mt19937 random;
          for (std::uint32_t seen = 0; !done_; seen = turn_) {
            // In QEMU a pause lets the other processor run.
            while (once && turn_ == seen && !done_) __builtin_ia32_pause();
            const std::int64_t moment = now_ns() + (once ? random() % duration_ns_ : 0);
            while (now_ns() < moment && !done_) __builtin_ia32_pause();
            ::madvise(text_, kSize, MADV_DONTNEED);
          }
        }) {}
  ~VanishingArgument() {
    done_ = true;
    taker_.join();
    ::munmap(text_, kSize);
  }
  VanishingArgument(const VanishingArgument&) = delete;
  VanishingArgument& operator=(const VanishingArgument&) = delete;

  // The error of an execve with it.
  int run() {
    ++turn_;
    const std::int64_t begun = now_ns();
    char name[] = "true";
    char* const words[] = {name, text_, nullptr};
    pid_t child = 0;
    const int error = ::posix_spawn(&child, "/bin/true", nullptr, nullptr, words, nullptr);
    if (error == 0) ::waitpid(child, nullptr, 0);
    duration_ns_ = now_ns() - begun;
    return error;
  }

 private:
  static constexpr std::size_t kSize = 128 << 10;  // the longest one, execve(2)
  static char* in_a_file() {
    const Fd file(::memfd_create("argument", MFD_CLOEXEC));
    const std::string text(kSize - 1, 'x');
    [[maybe_unused]] const ssize_t written = ::write(file.get(), text.c_str(), kSize);
    return static_cast<char*>(::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE, file.get(), 0));
  }

  char* text_ = in_a_file();
  std::atomic<std::uint32_t> turn_ = 0;
  std::atomic<std::int64_t> duration_ns_ = 1;  // of the last run()
  std::atomic<bool> done_ = false;
  std::thread taker_;
};

TEST_F(ExecLengths, AnArgumentThatIsAwayForAMomentIsReadAgain) {
  const auto actor = tagged([](Report& report) -> long {
    VanishingArgument argument(true);
    for (int i = 0; i < 100; ++i)
      if (argument.run() != 0) ++report.counters[0];
    return report.counters[0];
  });
  ASSERT_TRUE(actor->ends(milliseconds(240'000)));
  EXPECT_EQ(actor->report().value, 0);
}

TEST_F(ExecLengths, ARefusalOfWhatCannotBeReadIsSaidInTheRecord) {
  const auto recorded = [this] {
    std::ifstream record(stayd().record_path());
    for (std::string line; std::getline(record, line);)
      if (line.find(cgroup().name()) != std::string::npos &&
          line.find("could not be read") != std::string::npos)
        return true;
    return false;
  };
  const auto actor = tagged([](Report& report) -> long {
    VanishingArgument argument(false);
    for (int i = 0; i < 2000 && report.counters[0] == 0; ++i)
      if (argument.run() == EPERM) report.counters[0] = 1;
    return report.counters[0];
  });
  ASSERT_TRUE(actor->ends(milliseconds(120'000)));
  ASSERT_EQ(actor->report().value, 1) << "the argument could always be read";
  EXPECT_TRUE(eventually(recorded));
}

}  // namespace
}  // namespace stayd::test
