// SPDX-License-Identifier: Apache-2.0
#include "context/process.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <sstream>
#include <string_view>

#include "base/fd.h"

namespace stayd {
namespace {

std::string read_link(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

// The path of the "0::" line, which is the cgroup2 hierarchy.
std::string read_cgroup(const std::string& process_dir) {
  const std::string text = read_start(process_dir + "/cgroup", 16384);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.starts_with("0::")) continue;
    line.remove_prefix(3);
    return std::string(line.ends_with(" (deleted)") ? "" : line);
  }
  return {};
}

// 0 if unknown. The name in parentheses is the process's own choice and may hold anything,
// parentheses included: what follows the last one is the kernel's.
std::int32_t read_parent(const std::string& process_dir) {
  const std::string text = read_start(process_dir + "/stat", 1024);
  const std::size_t name_end = text.rfind(") ");
  constexpr std::size_t kStateSize = sizeof(") S ") - 1;
  if (name_end == std::string::npos || name_end + kStateSize > text.size()) return 0;
  std::int32_t parent = 0;
  std::from_chars(text.data() + name_end + kStateSize, text.data() + text.size(), parent);
  return parent;
}

std::vector<std::string> read_arguments(const std::string& process_dir) {
  const std::string text = read_start(process_dir + "/cmdline", kMaxArgumentBytes);
  std::vector<std::string> arguments;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    arguments.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return arguments;
}

}  // namespace

std::string read_start(const std::string& path, std::size_t max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::string bytes(max, '\0');
  std::size_t size = 0;
  while (fd && size < max) {
    const ssize_t count = ::read(fd.get(), bytes.data() + size, max - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

void describe_caller(Caller& caller, const std::string& proc_root) {
  const auto process_dir = [&proc_root](std::int32_t pid) {
    return proc_root + "/" + std::to_string(pid);
  };
  const std::string own = process_dir(caller.pid);
  caller.program = read_link(own + "/exe");
  caller.cgroup = read_cgroup(own);
  caller.ancestry.clear();
  std::int32_t pid = caller.parent > 0 ? caller.parent : read_parent(own);
  while (pid > 1 && caller.ancestry.size() < kMaxAncestors) {
    const std::string dir = process_dir(pid);
    Ancestor ancestor{pid, read_link(dir + "/exe"), read_arguments(dir)};
    caller.ancestry.push_back(std::move(ancestor));
    pid = read_parent(dir);
  }
}

std::optional<std::uint64_t> start_ticks(std::int32_t pid, const std::string& proc_root) {
  constexpr int kField = 22;
  const std::string text = read_start(proc_root + "/" + std::to_string(pid) + "/stat", 4096);
  const std::size_t name_end = text.rfind(')');  // the name, field 2, may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < kField; ++field) fields >> skipped;
  std::uint64_t ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

bool lives(const ProcessInstance& process, const std::string& proc_root) {
  const std::optional<std::uint64_t> ticks = start_ticks(process.pid, proc_root);
  const auto ns_per_tick = static_cast<std::uint64_t>(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  return ticks && *ticks == process.start_ns / ns_per_tick;
}

}  // namespace stayd
