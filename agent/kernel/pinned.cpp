// SPDX-License-Identifier: Apache-2.0
#include "kernel/pinned.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <string_view>

#include "base/digest.h"
#include "base/fd.h"
#include "stayd.skel.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;
using Digest = std::array<char, 64>;

// The program's id; 0: there is no such link.
std::uint32_t program_of_link(const std::string& pin) {
  const Fd link(bpf_obj_get(pin.c_str()));
  bpf_link_info info{};
  __u32 size = sizeof(info);
  if (!link || bpf_obj_get_info_by_fd(link.get(), &info, &size)) return 0;
  const bool is_ours =
      info.type == BPF_LINK_TYPE_TRACING || info.type == BPF_LINK_TYPE_RAW_TRACEPOINT;
  return is_ours ? info.prog_id : 0;
}

}  // namespace

bool is_for_later(const bpf_program* program) {
  const std::string_view section = bpf_program__section_name(program);
  return section.starts_with("iter/") || section.starts_with("cgroup_skb/") ||
         section == "sockops" || std::string_view(bpf_program__name(program)) == "sample_flags";
}

std::string programs_digest(const stayd_bpf& skeleton, Attachment attachment) {
  RunningDigest digest;
  std::size_t size = 0;
  const void* object = stayd_bpf__elf_bytes(&size);
  digest.add({static_cast<const char*>(object), size});
  digest.add({reinterpret_cast<const char*>(skeleton.rodata), sizeof(*skeleton.rodata)});
  digest.add(to_string(attachment));
  return digest.hex();
}

bool are_pinned(const stayd_bpf& skeleton, const std::string& pins, const std::string& digest) {
  const Fd map(bpf_obj_get((pins + "/maps/kept_programs").c_str()));
  const __u32 zero = 0;
  Digest kept{};
  if (!map || bpf_map_lookup_elem(map.get(), &zero, kept.data())) return false;
  if (!std::ranges::equal(kept, digest)) return false;
  const bpf_program* program = nullptr;
  while ((program = bpf_object__next_program(skeleton.obj, const_cast<bpf_program*>(program)))) {
    if (is_for_later(program)) continue;
    if (!program_of_link(pins + "/links/" + bpf_program__name(program))) return false;
  }
  return true;
}

Result<> note_pinned(const stayd_bpf& skeleton, const std::string& digest) {
  const __u32 zero = 0;
  Digest kept{};
  std::copy_n(digest.begin(), std::min(digest.size(), kept.size()), kept.begin());
  if (bpf_map_update_elem(bpf_map__fd(skeleton.maps.kept_programs), &zero, kept.data(), BPF_ANY))
    return errno_error("keep the programs' digest");
  return {};
}

std::vector<std::uint32_t> linked_programs(const std::string& pin_directory) {
  std::vector<std::uint32_t> ids;
  std::error_code error;
  for (const fs::directory_entry& version : fs::directory_iterator(pin_directory, error))
    for (const fs::directory_entry& pin : fs::directory_iterator(version.path() / "links", error))
      if (const std::uint32_t id = program_of_link(pin.path())) ids.push_back(id);
  return ids;
}

Result<> wait_until_gone(const std::vector<std::uint32_t>& programs,
                         std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (const std::uint32_t id : programs)
    while (const Fd still{bpf_prog_get_fd_by_id(id)}) {
      if (std::chrono::steady_clock::now() > deadline)
        return Error{"program " + std::to_string(id) + " of the agent before is still attached"};
      const timespec moment{.tv_sec = 0, .tv_nsec = 5'000'000};
      ::nanosleep(&moment, nullptr);
    }
  return {};
}

Result<> remove_other_versions(const std::string& pin_directory, const std::string& pins) {
  std::error_code error;
  for (const fs::directory_entry& version : fs::directory_iterator(pin_directory, error)) {
    if (version.path() == pins) continue;
    fs::remove_all(version.path(), error);
    if (error) return Error{"remove " + version.path().string() + ": " + error.message()};
  }
  return {};
}

}  // namespace stayd
