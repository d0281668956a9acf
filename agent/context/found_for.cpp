// SPDX-License-Identifier: Apache-2.0
// Looking with the eyes of another process.
#include <fcntl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/escape.h"
#include "context/found_file.h"
#include "context/mounts.h"
#include "context/process.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxMountinfo = std::size_t{4} << 20;
constexpr std::size_t kMaxStatus = 65536;  // the groups of a process can be many
constexpr std::size_t kMaxEnvironment = 131072;
constexpr std::size_t kMaxDirectories = 64;  // of a PATH
constexpr std::string_view kUsualPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The process as seen from here, read before this thread gives up its own rights.
struct View {
  Fd root;
  Mounts mounts;
};

std::string file_of(const Onlooker& onlooker, const char* name) {
  return "/proc/" + std::to_string(onlooker.process.pid) + "/" + name;
}

// "Groups:\t4 24 27 \n", proc(5).
std::vector<gid_t> groups_of(std::string_view status) {
  std::vector<gid_t> groups;
  std::size_t at = status.find("\nGroups:");
  if (at == status.npos) return groups;
  status.remove_prefix(at + sizeof("\nGroups:") - 1);
  status = status.substr(0, status.find('\n'));
  while (!status.empty()) {
    status.remove_prefix(std::min(status.find_first_of("0123456789"), status.size()));
    gid_t group = 0;
    const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), group);
    if (error != std::errc{}) break;
    groups.push_back(group);
    status.remove_prefix(static_cast<std::size_t>(end - status.data()));
  }
  return groups;
}

// The libraries' functions change every thread of the process; these are for this one alone. What
// overrides permissions goes with the user id, setfsuid(2). Root keeps its rights.
Result<> take_rights(const Onlooker& onlooker, const std::vector<gid_t>& groups) {
  if (onlooker.uid == 0) return {};
  if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0) return errno_error("setgroups");
  ::setfsgid(onlooker.gid);
  ::setfsuid(onlooker.uid);
  if (::setfsuid(static_cast<uid_t>(-1)) != static_cast<int>(onlooker.uid))
    return Error{"setfsuid: not permitted"};
  return {};
}

// An error also if the process has ended: its pid may be another's by now.
Result<View> view_of(const Onlooker& onlooker) {
  View view;
  view.root.reset(::open(file_of(onlooker, "root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const int error = errno;
  view.mounts = Mounts(read_start(file_of(onlooker, "mountinfo"), kMaxMountinfo));
  const std::vector<gid_t> groups = groups_of(read_start(file_of(onlooker, "status"), kMaxStatus));
  if (!lives(onlooker.process)) return Error{"the process that asks has ended"};
  if (!view.root) return errno_error(file_of(onlooker, "root"), error);
  if (Result<> taken = take_rights(onlooker, groups); !taken) return taken.error();
  return {boost::system::in_place_value, std::move(view)};
}

// "254:3"
std::optional<std::uint32_t> kernel_device(std::string_view text) {
  std::uint32_t major = 0, minor = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return major << 20 | minor;
}

std::string join(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

Result<FoundFor> look(const View& view, std::string_view path, Leaf leaf) {
  Result<FoundFile> file = find_file(view.root, path, leaf);
  if (!file) return file.error();
  const Mounts::Mount* mount = view.mounts.find(file->mount);
  const std::optional<std::uint32_t> device =
      mount != nullptr ? kernel_device(mount->device) : std::nullopt;
  if (!device) return Error{escape(path) + ": what is mounted there has changed; ask again"};
  FoundFor found;
  found.device = *device;
  found.path_in_fs = mount->root;
  for (const FoundFile::Step& step : file->steps)
    if (!step.name.empty()) found.path_in_fs = join(found.path_in_fs, step.name);
  if (!file->new_name.empty()) found.path_in_fs = join(found.path_in_fs, file->new_name);
  found.file = std::move(*file);
  return {boost::system::in_place_value, std::move(found)};
}

// PATH among the variables that the process began with.
std::string path_variable(const Onlooker& onlooker) {
  std::string_view rest;
  const std::string variables = read_start(file_of(onlooker, "environ"), kMaxEnvironment);
  for (rest = variables; !rest.empty();) {
    const std::string_view each = rest.substr(0, rest.find('\0'));
    if (each.starts_with("PATH=")) return std::string(each.substr(5));
    rest.remove_prefix(std::min(each.size() + 1, rest.size()));
  }
  return std::string(kUsualPath);
}

bool is_program(const FoundFor& found) {
  struct stat status {};
  return ::fstatat(found.file.steps.back().file.get(), "", &status, AT_EMPTY_PATH) == 0 &&
         S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

}  // namespace

Result<FoundFor> find_for(const Onlooker& onlooker, std::string_view path, Leaf leaf) {
  const Result<View> view = view_of(onlooker);
  if (!view) return view.error();
  return look(*view, path, leaf);
}

Result<FoundFor> find_program_for(const Onlooker& onlooker, const std::string& program) {
  const std::string directories = path_variable(onlooker);
  const Result<View> view = view_of(onlooker);
  if (!view) return view.error();
  if (program.find('/') != program.npos) {
    Result<FoundFor> found = look(*view, program, Leaf::file);
    if (found && !is_program(*found)) return Error{escape(program) + ": it is not a program"};
    return found;
  }
  std::string_view rest = directories;
  for (std::size_t tried = 0; !rest.empty() && tried < kMaxDirectories; ++tried) {
    const std::string directory(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
    if (!directory.starts_with('/')) continue;
    Result<FoundFor> found = look(*view, join(directory, program), Leaf::file);
    if (found && is_program(*found)) return found;
  }
  return Error{escape(program) + ": there is no such program in the PATH of the process that asks"};
}

}  // namespace stayd
