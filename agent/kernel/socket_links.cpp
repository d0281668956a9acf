// SPDX-License-Identifier: Apache-2.0
#include "kernel/socket_links.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <utility>

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

struct SocketLinks::Attachment {
  const char* name;
  int program;
  bpf_attach_type type;
};

std::array<SocketLinks::Attachment, SocketLinks::kPrograms> SocketLinks::attachments() const {
  return {{{"egress", programs_.egress(), BPF_CGROUP_INET_EGRESS},
           {"connect_attempts", programs_.connect_attempts(), BPF_CGROUP_SOCK_OPS}}};
}

std::string SocketLinks::pin_of(const Attachment& what, std::uint32_t slot) const {
  const std::string& directory = programs_.link_directory();
  return directory.empty() ? "" : directory + "/" + what.name + "_" + std::to_string(slot);
}

Result<> SocketLinks::attach(std::uint32_t slot, int cgroup, std::uint64_t cgroup_id) {
  Links links;
  std::size_t i = 0;
  for (const Attachment& what : attachments()) {
    Result<Fd> made = link(what, slot, cgroup, cgroup_id);
    if (!made) return in_context(std::string("attach ") + what.name, made.error());
    links[i++] = std::move(*made);
  }
  links_[slot] = std::move(links);
  return {};
}

Result<Fd> SocketLinks::link(const Attachment& what, std::uint32_t slot, int cgroup,
                             std::uint64_t cgroup_id) {
  const std::string pin = pin_of(what, slot);
  if (!pin.empty()) {
    Fd earlier(bpf_obj_get(pin.c_str()));
    if (earlier && cgroup_of(earlier.get()) == cgroup_id &&
        bpf_link_update(earlier.get(), what.program, nullptr) == 0)
      return {boost::system::in_place_value, std::move(earlier)};
    ::unlink(pin.c_str());
  }
  Fd fresh(bpf_link_create(what.program, cgroup, what.type, nullptr));
  if (!fresh) return errno_error("link");
  if (!pin.empty() && bpf_obj_pin(fresh.get(), pin.c_str())) return errno_error("pin " + pin);
  return {boost::system::in_place_value, std::move(fresh)};
}

void SocketLinks::detach(std::uint32_t slot) {
  links_.erase(slot);
  for (const Attachment& what : attachments())
    if (const std::string pin = pin_of(what, slot); !pin.empty()) ::unlink(pin.c_str());
}

}  // namespace stayd
