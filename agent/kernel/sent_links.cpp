// SPDX-License-Identifier: Apache-2.0
#include "kernel/sent_links.h"

#include <bpf/bpf.h>
#include <unistd.h>

namespace stayd {
namespace {

// A link whose cgroup is gone says 0.
std::uint64_t cgroup_of(int link) {
  bpf_link_info info{};
  __u32 size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link, &info, &size) || info.type != BPF_LINK_TYPE_CGROUP) return 0;
  return info.cgroup.cgroup_id;
}

}  // namespace

std::string SentLinks::pin_of(std::uint32_t slot) const {
  const std::string& directory = programs_.link_directory();
  return directory.empty() ? "" : directory + "/sent_" + std::to_string(slot);
}

Result<> SentLinks::attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id) {
  const int program = programs_.sent_egress();
  const std::string pin = pin_of(slot);
  if (!pin.empty()) {
    Fd earlier(bpf_obj_get(pin.c_str()));
    if (earlier && cgroup_of(earlier.get()) == cgroup_id &&
        bpf_link_update(earlier.get(), program, nullptr) == 0) {
      links_[slot] = std::move(earlier);
      return {};
    }
  }
  detach(slot);
  Fd link(bpf_link_create(program, cgroup, BPF_CGROUP_INET_EGRESS, nullptr));
  if (!link) return errno_error("attach sent_egress");
  if (!pin.empty() && bpf_obj_pin(link.get(), pin.c_str())) return errno_error("pin link " + pin);
  links_[slot] = std::move(link);
  return {};
}

void SentLinks::detach(std::uint32_t slot) {
  links_.erase(slot);
  if (const std::string pin = pin_of(slot); !pin.empty()) ::unlink(pin.c_str());
}

}  // namespace stayd
