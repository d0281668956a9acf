// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "policy/values.h"
#include "support/tiny_program.h"
#include "trials/trial.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

void make_program(const std::string& path, const std::string& program, bool writable) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << program;
  ::chmod(path.c_str(), writable ? 0777 : 0755);
}

// Exit status 0, or -1 with the errno of execveat(2). `file` may be -1.
long run(int file, const char* path, char* const* argv) {
  volatile int failure = 0;
  const pid_t child = ::vfork();
  if (child < 0) return -1;
  if (child == 0) {
    ::syscall(SYS_execveat, file < 0 ? AT_FDCWD : file, path, argv, environ,
              *path == 0 ? AT_EMPTY_PATH : 0);
    failure = errno;
    ::_exit(1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  errno = failure != 0 ? failure : ECHILD;
  return status == 0 ? 0 : -1;
}

std::function<long()> runs(std::shared_ptr<Fd> file, const std::string& path,
                           std::vector<std::string> arguments) {
  return [file = std::move(file), path, arguments = std::move(arguments)]() -> long {
    char* argv[8] = {};
    for (std::size_t i = 0; i < arguments.size(); ++i)
      argv[i] = const_cast<char*>(arguments[i].c_str());
    return run(*file ? file->get() : -1, *file ? "" : path.c_str(), argv);
  };
}

constexpr std::uint32_t bit(std::uint32_t origin) { return std::uint32_t{1} << origin; }

}  // namespace

Trial exec_trial(Randomness& random, World& world, std::size_t number) {
  Trial trial;
  trial.attempt.kind = Attempt::Kind::exec;
  ProgramFacts& facts = trial.attempt.program;
  std::string path =
      own_directory(random, world, number) + "/" + random.word({"tool", "git", "id_run", "r.pem"});
  const std::string program = program_that_exits(std::to_string(number % 4));
  auto file = std::make_shared<Fd>();
  switch (random.below(6)) {
    case 0:
      path = "/memfd:" + std::to_string(number);
      facts.origins =
          bit(STAYD_ORIGIN_MEMFD) | bit(STAYD_ORIGIN_DELETED) | bit(STAYD_ORIGIN_WRITABLE);
      trial.prepare = [=] {
        *file = Fd(::memfd_create(path.c_str() + std::strlen("/memfd:"), MFD_CLOEXEC));
        [[maybe_unused]] const ssize_t size = ::write(file->get(), program.data(), program.size());
        // It could not be executed while somebody may write to it.
        *file = Fd(
            ::open(("/proc/self/fd/" + std::to_string(file->get())).c_str(), O_RDONLY | O_CLOEXEC));
      };
      break;
    case 1:
      facts.origins = bit(STAYD_ORIGIN_DELETED);
      trial.prepare = [=] {
        make_program(path, program, false);
        *file = Fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
        fs::remove(path);
      };
      break;
    case 2:
      facts.origins = bit(STAYD_ORIGIN_WRITABLE);
      trial.prepare = [=] { make_program(path, program, true); };
      break;
    default:
      trial.late = random.one_in(8);
      trial.prepare = [=] { make_program(path, program, false); };
  }
  if (facts.origins & bit(STAYD_ORIGIN_MEMFD)) {
    trial.attempt.file = {.steps = {{Identity{}, path.substr(1)}}, .path = path};
  } else {
    trial.attempt.file = world.tree.facts(path);
    world.places.push_back(path);
  }
  facts.path = path;
  facts.sha256 = parse_sha256(sha256_hex(program));
  world.digests.push_back(sha256_hex(program));
  facts.arguments = {path};
  for (std::size_t words = random.below(4); words > 0; --words)
    facts.arguments.push_back(random.word({"push", "--force", "-f", "pull", "x y"}));
  trial.text = "exec";
  for (const std::string& word : facts.arguments) trial.text += " " + word;
  trial.perform = runs(file, path, facts.arguments);
  return trial;
}

}  // namespace stayd::test
