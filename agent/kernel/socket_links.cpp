// SPDX-License-Identifier: Apache-2.0
#include "kernel/socket_links.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <utility>

namespace stayd {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPinPrefix = "egress_";

// Once the cgroup is gone and its last socket closed, the kernel detaches the link, which says 0.
std::uint64_t cgroup_of(int link) {
  bpf_link_info info{};
  __u32 size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link, &info, &size) || info.type != BPF_LINK_TYPE_CGROUP) return 0;
  return info.cgroup.cgroup_id;
}

}  // namespace

std::string SocketLinks::pin_of(std::uint64_t cgroup_id) const {
  const std::string& directory = programs_.link_directory();
  if (directory.empty()) return "";
  return directory + "/" + std::string(kPinPrefix) + std::to_string(cgroup_id);
}

Result<> SocketLinks::attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id) {
  forget_those_without_sockets();
  const int program = programs_.egress();
  const std::string pin = pin_of(cgroup_id);
  if (!pin.empty()) {
    Fd earlier(bpf_obj_get(pin.c_str()));
    if (earlier && cgroup_of(earlier.get()) == cgroup_id &&
        bpf_link_update(earlier.get(), program, nullptr) == 0) {
      links_[slot] = {cgroup_id, std::move(earlier)};
      return {};
    }
    ::unlink(pin.c_str());
  }
  Fd link(bpf_link_create(program, cgroup, BPF_CGROUP_INET_EGRESS, nullptr));
  if (!link) return errno_error("attach egress");
  if (!pin.empty() && bpf_obj_pin(link.get(), pin.c_str())) return errno_error("pin link " + pin);
  links_[slot] = {cgroup_id, std::move(link)};
  return {};
}

void SocketLinks::detach(std::uint32_t slot) {
  const auto found = links_.find(slot);
  if (found == links_.end()) return;
  if (const std::string pin = pin_of(found->second.cgroup); !pin.empty()) ::unlink(pin.c_str());
  links_.erase(found);
}

void SocketLinks::leave(std::uint32_t slot) {
  const auto found = links_.find(slot);
  if (found != links_.end()) {
    if (programs_.link_directory().empty()) left_.push_back(std::move(found->second.link));
    links_.erase(found);
  }
  forget_those_without_sockets();
}

void SocketLinks::forget_those_without_sockets() {
  std::erase_if(left_, [](const Fd& link) { return cgroup_of(link.get()) == 0; });
  if (programs_.link_directory().empty()) return;
  std::vector<std::string> unused;
  std::error_code error;
  for (const fs::directory_entry& pin : fs::directory_iterator(programs_.link_directory(), error)) {
    if (!pin.path().filename().string().starts_with(kPinPrefix)) continue;
    const Fd link(bpf_obj_get(pin.path().c_str()));
    if (link && cgroup_of(link.get()) == 0) unused.push_back(pin.path().string());
  }
  for (const std::string& pin : unused) ::unlink(pin.c_str());
}

}  // namespace stayd
