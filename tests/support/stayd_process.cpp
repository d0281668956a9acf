// SPDX-License-Identifier: Apache-2.0
#include "support/stayd_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "ctl/client.h"
#include "stayd/wire.h"

namespace stayd::test {
namespace {

// Under emulation the verifier alone takes seconds.
constexpr seconds kUntilReady{90};
constexpr const char* kPins = "/sys/fs/bpf/stayd";

}  // namespace

std::string built_program(const std::string& path) {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (here / "../.." / path).lexically_normal().string();
}

StaydProcess::StaydProcess(std::string directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
}

StaydProcess::~StaydProcess() {
  if (!running()) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string StaydProcess::pinned(const std::string& name) const {
  return std::string(kPins) + "/v" + std::to_string(STAYD_WIRE_VERSION) + "/" + name;
}

void StaydProcess::start(const std::vector<std::string>& more) {
  begin(more);
  get_ready();
}

void StaydProcess::begin(const std::vector<std::string>& more) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  output_ = Fd(ends[0]);
  said_.clear();
  Fd theirs(ends[1]);
  const std::string program = built_program("agent/stayd");
  const std::string run = directory_ + "/run", log = directory_ + "/stayd.log";
  const std::string record = record_path(), state = directory_ + "/state";
  const std::string policies = policy_directory(), people = people_path();
  const std::string packs = pack_directory();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    Fd errors(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ::dup2(theirs.get(), STDOUT_FILENO);
    ::dup2(errors.get(), STDERR_FILENO);
    std::vector<std::string> words = {
        "stayd",  "--runtime-dir", run,   "--bpffs",  kPins,  "--record", record, "--policies",
        policies, "--state-dir",   state, "--people", people, "--packs",  packs};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    ::perror(program.c_str());
    ::_exit(127);
  }
}

void StaydProcess::get_ready() {
  std::string said;
  const std::string ready = "stayd: ready (";
  const std::int64_t begun = now_ns();
  while (said.find(')') == std::string::npos) {
    char bytes[256];
    const ssize_t size = readable(output_.get(), kUntilReady - since_ns(begun))
                             ? ::read(output_.get(), bytes, sizeof(bytes))
                             : -1;
    if (size <= 0) {
      end(SIGKILL);
      throw std::runtime_error("stayd did not get ready: " + said + last_words());
    }
    said.append(bytes, static_cast<std::size_t>(size));
  }
  const std::size_t at = said.find(ready);
  if (at == std::string::npos) throw std::runtime_error("stayd said: " + said);
  attachment_ = said.substr(at + ready.size(), said.find(')', at) - at - ready.size());
}

bool StaydProcess::has_said(const std::string& text) {
  char bytes[256];
  while (readable(output_.get(), milliseconds(0))) {
    const ssize_t size = ::read(output_.get(), bytes, sizeof(bytes));
    if (size <= 0) break;
    said_.append(bytes, static_cast<std::size_t>(size));
  }
  return said_.find(text) != std::string::npos;
}

bool StaydProcess::running() {
  int status = 0;
  if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    death_ = WIFSIGNALED(status)
                 ? "\nstayd was killed by signal " + std::to_string(WTERMSIG(status))
                 : "\nstayd exited with " + std::to_string(WEXITSTATUS(status));
  }
  return pid_ > 0;
}

void StaydProcess::stop() { end(SIGTERM); }
void StaydProcess::kill() { end(SIGKILL); }

void StaydProcess::end(int signal) {
  if (!running()) return;
  ::kill(pid_, signal);
  int status = 0;
  if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    throw std::runtime_error("stayd did not end on signal " + std::to_string(signal));
  }
  pid_ = -1;
}

Result<Json> StaydProcess::try_request(const std::string& method, const std::string& target,
                                       const Json& body) const {
  return Client(socket_path()).request(method, target, body);
}

Json StaydProcess::request(const std::string& method, const std::string& target,
                           const Json& body) const {
  Result<Json> reply = try_request(method, target, body);
  if (!reply)
    throw std::runtime_error(method + " " + target + ": " + reply.error().message + last_words());
  return *reply;
}

std::string StaydProcess::last_words() const {
  std::ifstream file(directory_ + "/stayd.log");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (text.size() > 2000) text.erase(0, text.size() - 2000);
  return death_ + "\nlog of stayd: " + text;
}

}  // namespace stayd::test
