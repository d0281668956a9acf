// SPDX-License-Identifier: Apache-2.0
#include "context/file_steps.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

#include "base/fd.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxDepth = 128;  // directories, as the kernel side's walk

// Those of STAYD_LOCAL_FILE_SYSTEMS by name: a rename changes the ctime of what is renamed, and an
// inode's number is the kernel's.
constexpr std::string_view kReliable[] = {"ext2", "ext3", "ext4", "xfs", "f2fs", "tmpfs"};
// Answer at once, too, and are only passed through.
constexpr std::string_view kPassed[] = {"btrfs", "overlay", "zfs", "bcachefs", "squashfs", "erofs"};

bool is_reliable(const Mounts::Mount& mount) {
  return std::ranges::find(kReliable, mount.type) != std::end(kReliable);
}

bool may_be_asked(const Mounts::Mount& mount) {
  return mount.point == "/" || is_reliable(mount) ||
         std::ranges::find(kPassed, mount.type) != std::end(kPassed);
}

TimePoint time_of(const struct statx_timestamp& time) {
  return TimePoint(std::chrono::seconds(time.tv_sec) +
                   std::chrono::milliseconds(time.tv_nsec / 1'000'000));
}

FileStep step_of(const struct statx& status) {
  FileStep step{.inode = status.stx_ino, .changed = time_of(status.stx_ctime), .made = {}};
  if ((status.stx_mask & STATX_BTIME) != 0) step.made = time_of(status.stx_btime);
  return step;
}

}  // namespace

std::vector<FileStep> file_steps(const Mounts& mounts, std::uint32_t device,
                                 std::string_view path) {
  std::vector<FileStep> steps;
  const Mounts::Mount* mount = nullptr;
  Fd at(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t depth = 0; at && depth < kMaxDepth; ++depth) {
    struct statx status {};
    if (::statx(at.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                STATX_INO | STATX_CTIME | STATX_BTIME | STATX_MNT_ID, &status) != 0)
      return {};
    const Mounts::Mount* here = mounts.find(status.stx_mnt_id);
    if (here == nullptr || !may_be_asked(*here)) return {};
    if (here != mount) steps.clear();
    mount = here;
    steps.push_back(step_of(status));
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    if (path.empty())
      return is_reliable(*mount) && mount->device == device_text(device) ? steps
                                                                         : std::vector<FileStep>{};
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(name.size());
    at = Fd(::openat(at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  }
  return {};
}

}  // namespace stayd
