// SPDX-License-Identifier: Apache-2.0
#include "context/mounts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace stayd {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Undoes the kernel's mangle_path(): space, tab, newline, backslash and # as \ooo.
std::string unmangle(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// "36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw"
std::optional<Mounts::Mount> parse_line(std::string_view line) {
  std::array<std::string_view, 5> fields;
  for (std::string_view& field : fields) {
    const std::size_t end = line.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    field = line.substr(0, end);
    line.remove_prefix(end + 1);
  }
  std::uint64_t id = 0;
  const auto [end, error] =
      std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), id);
  if (error != std::errc{} || end != fields[0].data() + fields[0].size()) return std::nullopt;
  // Optional fields come before the dash.
  const std::size_t dash = line.find(" - ");
  line.remove_prefix(dash == line.npos ? line.size() : dash + 3);
  return Mounts::Mount{id, std::string(fields[2]), unmangle(fields[3]), unmangle(fields[4]),
                       std::string(line.substr(0, line.find(' ')))};
}

// Returns the rest of `path` below `root`, "" or beginning with a slash.
std::optional<std::string_view> below(std::string_view root, std::string_view path) {
  if (root == "/") root = "";
  if (!path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return path;
}

std::string join(const std::string& point, std::string_view tail) {
  if (tail.empty() || tail == "/") return point;
  return (point == "/" ? "" : point) + std::string(tail);
}

}  // namespace

std::string device_text(std::uint32_t kernel_dev) {
  return std::to_string(kernel_dev >> 20) + ":" + std::to_string(kernel_dev & 0xfffff);
}

Mounts::Mounts(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (std::optional<Mount> mount = parse_line(text.substr(0, end)))
      mounts_.push_back(std::move(*mount));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::optional<std::string> Mounts::find_host_path(std::uint32_t kernel_dev,
                                                  const std::string& path_in_fs) const {
  const std::string device = device_text(kernel_dev);
  std::optional<std::string> best;
  std::size_t best_root_size = 0;
  for (const Mount& mount : mounts_) {
    if (mount.device != device) continue;
    const auto tail = below(mount.root, path_in_fs);
    if (!tail || (best && mount.root.size() >= best_root_size)) continue;
    best_root_size = mount.root.size();
    best = join(mount.point, *tail);
  }
  return best;
}

std::string Mounts::host_path(std::uint32_t kernel_dev, const std::string& path_in_fs) const {
  return find_host_path(kernel_dev, path_in_fs).value_or(path_in_fs);
}

std::optional<std::string> Mounts::bound_from(const std::string& point) const {
  const auto at = [&](const Mount& mount) { return mount.point == point; };
  const auto top =
      std::find_if(mounts_.rbegin(), mounts_.rend(), at);  // the later hides the earlier
  if (top == mounts_.rend() || top->root == "/") return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_root_size = top->root.size();
  for (const Mount& mount : mounts_) {
    if (mount.device != top->device || mount.root.size() >= best_root_size) continue;
    const auto tail = below(mount.root, top->root);
    if (!tail) continue;
    best_root_size = mount.root.size();
    best = join(mount.point, *tail);
  }
  return best;
}

const Mounts::Mount* Mounts::find(std::uint64_t id) const {
  const auto found = std::ranges::find(mounts_, id, &Mount::id);
  return found == mounts_.end() ? nullptr : &*found;
}

bool Mounts::is_served(std::string_view path) const {
  return std::ranges::any_of(mounts_, [&](const Mount& mount) {
    return mount.type.starts_with("fuse") && below(mount.point, path);
  });
}

std::vector<std::string> Mounts::points() const {
  std::vector<std::string> points;
  for (const Mount& mount : mounts_) points.push_back(mount.point);
  return points;
}

}  // namespace stayd
