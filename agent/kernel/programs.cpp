// SPDX-License-Identifier: Apache-2.0
#include "kernel/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/fd.h"
#include "base/log.h"
#include "context/process.h"
#include "kernel/pinned.h"
#include "kernel/sigpending.h"
#include "stayd.skel.h"
#include "stayd/wire.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kGoneWithin{30};

// libbpf explains refusals only through this callback; the last complaint becomes part
// of the error that load() returns.
thread_local std::string last_complaint;

int remember_complaint(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[1024];
  std::vsnprintf(line, sizeof(line), format, arguments);
  std::string_view text(line);
  // The verifier's log comes as one block between markers; its end says why.
  if (auto cut = text.find('\n'); cut != std::string_view::npos) text = text.substr(0, cut);
  if (last_complaint.empty()) last_complaint = std::string(text);
  return 0;
}

Error libbpf_error(const std::string& what, int error) {
  Error result = errno_error(what, error < 0 ? -error : error);
  if (!last_complaint.empty()) result.message += " (" + last_complaint + ")";
  last_complaint.clear();
  return result;
}

bool is_hook(const bpf_program* program) {
  return std::string_view(bpf_program__section_name(program)).starts_with("lsm/");
}

// Of an agent that keeps what is pinned.
bool is_wanted_again(const bpf_program* program) {
  return is_for_later(program) && std::string_view(bpf_program__name(program)) != "sample_flags";
}

// The same program as fmod_ret of the function that calls the LSM hooks. One name differs:
// include/linux/security.h calls the bprm_check_security hook security_bprm_check().
Result<> make_fmod_ret(bpf_program* program) {
  std::string hook = bpf_program__name(program);
  std::string function = hook == "bprm_check_security" ? "security_bprm_check" : "security_" + hook;
  bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
  bpf_program__set_expected_attach_type(program, BPF_MODIFY_RETURN);
  if (int error = bpf_program__set_attach_target(program, 0, function.c_str()))
    return libbpf_error("find " + function, error);
  return {};
}

Result<> set_pins(stayd_bpf* skeleton, const std::string& directory) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton->obj) {
    std::string_view name = bpf_map__name(map);
    if (name.ends_with(".rodata")) continue;  // settings are of this load
    // Global variables: bpffs takes no dots.
    std::string file(name.substr(name.rfind('.') + 1));
    if (int error = bpf_map__set_pin_path(map, (directory + "/maps/" + file).c_str()))
      return libbpf_error("pin map " + file, error);
  }
  return {};
}

// The key of the agent before this one, whose hashes are still about; else a new one.
Result<SipHashKey> choose_hash_key(const std::string& pins) {
  SipHashKey key{};
  const __u32 zero = 0;
  const Fd kept(pins.empty() ? -1 : bpf_obj_get((pins + "/maps/kept_hash_key").c_str()));
  if (kept && bpf_map_lookup_elem(kept.get(), &zero, key.data()) == 0 && key != SipHashKey{})
    return key;
  if (::getrandom(key.data(), sizeof(key), 0) < 0) return errno_error("getrandom");
  return key;
}

Result<> attach(bpf_program* program, const std::string& pin_directory,
                std::vector<Programs::Link>& links) {
  std::string name = bpf_program__name(program);
  bpf_link* link = is_hook(program) && bpf_program__type(program) == BPF_PROG_TYPE_TRACING
                       ? bpf_program__attach_trace(program)
                       : bpf_program__attach(program);
  if (!link) return libbpf_error("attach " + name, errno);
  links.emplace_back(link, bpf_link__destroy);
  if (pin_directory.empty()) return {};
  std::string pin = pin_directory + "/links/" + name;
  std::error_code ignored;
  fs::remove(pin, ignored);
  if (int error = bpf_link__pin(link, pin.c_str())) return libbpf_error("pin link " + pin, error);
  return {};
}

}  // namespace

const char* to_string(Attachment attachment) {
  return attachment == Attachment::lsm ? "lsm" : "fmod_ret";
}

void Programs::Destroy::operator()(stayd_bpf* skeleton) const { stayd_bpf__destroy(skeleton); }

Programs::Programs(Attachment attachment, stayd_bpf* skeleton, SipHashKey hash_key)
    : attachment_(attachment), skeleton_(skeleton), hash_key_(hash_key) {}
Programs::Programs(Programs&&) noexcept = default;
Programs& Programs::operator=(Programs&&) noexcept = default;
Programs::~Programs() = default;

Result<Programs> Programs::load(const LoadOptions& options) {
  libbpf_set_print(remember_complaint);
  last_complaint.clear();
  std::string pins;
  if (!options.pin_directory.empty()) {
    pins = options.pin_directory + "/v" + std::to_string(STAYD_WIRE_VERSION);
    std::error_code error;
    fs::create_directories(pins + "/maps", error);
    fs::create_directories(pins + "/links", error);
    if (error)
      return Error{"create " + pins + ": " + error.message() + " (is bpffs mounted there?)"};
    if (::chmod(options.pin_directory.c_str(), 0700)) return errno_error("chmod " + pins);
  }
  Result<SipHashKey> hash_key = choose_hash_key(pins);
  if (!hash_key) return hash_key.error();
  Programs programs(options.attachment, stayd_bpf__open(), *hash_key);
  if (!pins.empty()) programs.link_directory_ = pins + "/links";
  stayd_bpf* skeleton = programs.skeleton_.get();
  if (!skeleton) return libbpf_error("open BPF object", errno);

  std::memcpy(const_cast<__u64*>(skeleton->rodata->hash_key), hash_key->data(), sizeof(*hash_key));
  *const_cast<__u32*>(&skeleton->rodata->may_seal) = options.attachment == Attachment::lsm;

  bpf_program* program = nullptr;
  if (options.attachment == Attachment::fmod_ret) {
    bpf_object__for_each_program(program, skeleton->obj) {
      if (!is_hook(program)) continue;
      if (Result<> made = make_fmod_ret(program); !made) return made.error();
    }
  }
  const std::string digest = programs_digest(*skeleton, options.attachment);
  const bool keep = !pins.empty() && are_pinned(*skeleton, pins, digest);
  if (keep)
    bpf_object__for_each_program(program, skeleton->obj)
        bpf_program__set_autoload(program, is_wanted_again(program));
  if (!pins.empty())
    if (Result<> set = set_pins(skeleton, pins); !set) return set.error();
  if (int error = stayd_bpf__load(skeleton)) return libbpf_error("load BPF programs", error);
  programs.maps_ = maps_of(*skeleton);
  if (keep) return programs;
  if (Result<> kept = programs.maps_.kept_hash_key.put(0, *hash_key, "the hash key"); !kept)
    return kept.error();
  skeleton->bss->sigpending_mask = find_sigpending(*skeleton);
  const std::vector<std::uint32_t> before = linked_programs(options.pin_directory);
  if (Result<> noted = note_pinned(*skeleton, ""); !noted) return noted.error();
  bpf_object__for_each_program(program, skeleton->obj) {
    if (is_for_later(program)) continue;
    if (Result<> attached = attach(program, pins, programs.links_); !attached)
      return attached.error();
  }
  if (pins.empty()) return programs;
  if (Result<> gone = remove_other_versions(options.pin_directory, pins); !gone)
    return gone.error();
  // Not a reason to enforce in a weaker way, or not at all: both refuse, and one may ask again.
  if (Result<> gone = wait_until_gone(before, kGoneWithin); !gone)
    log_warning("{}; what is approved may be asked about twice", gone.error().message);
  if (Result<> noted = note_pinned(*skeleton, digest); !noted) return noted.error();
  return programs;
}

int Programs::egress() const { return bpf_program__fd(skeleton_->progs.egress); }

Result<std::string> Programs::run_iterator(Iterator which) const {
  const bool only_this_process = which == Iterator::identify_files;
  const auto& programs = skeleton_->progs;
  const bpf_program* program = which == Iterator::tag_tasks    ? programs.tag_tasks
                               : which == Iterator::list_tags  ? programs.list_tags
                               : which == Iterator::list_seals ? programs.list_seals
                                                               : programs.identify_files;
  const char* name = bpf_program__name(program);
  bpf_iter_link_info info{};
  if (which == Iterator::list_seals)
    info.map.map_fd = static_cast<__u32>(bpf_map__fd(skeleton_->maps.seals));
  else
    info.task.pid = static_cast<__u32>(::getpid());
  LIBBPF_OPTS(bpf_iter_attach_opts, options);
  if (only_this_process || which == Iterator::list_seals) {
    options.link_info = &info;
    options.link_info_len = sizeof(info);
  }
  std::unique_ptr<bpf_link, int (*)(bpf_link*)> link(bpf_program__attach_iter(program, &options),
                                                     bpf_link__destroy);
  if (!link) return libbpf_error(std::string("attach iterator ") + name, errno);
  Fd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator) return errno_error(std::string("start iterator ") + name);
  std::string output;
  char buffer[8192];
  for (;;) {
    ssize_t size = ::read(iterator.get(), buffer, sizeof(buffer));
    if (size == 0) return {boost::system::in_place_value, std::move(output)};
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno_error(std::string("run iterator ") + name);
    output.append(buffer, static_cast<std::size_t>(size));
  }
}

Result<> Programs::become_agent() {
  const std::optional<std::uint64_t> start = start_ticks(::getpid());
  if (!start) return Error{"cannot read the start time in /proc/self/stat (is /proc mounted?)"};
  skeleton_->bss->agent_start_ticks = *start;
  skeleton_->bss->agent_tgid = static_cast<__u32>(::getpid());
  skeleton_->bss->agent_alive = 1;
  return {};
}

void Programs::expect_restart(std::uint64_t until_ns) {
  skeleton_->bss->restart_until_ns = until_ns;
}

void Programs::answer_from(std::uint64_t now_ns) {
  skeleton_->bss->agent_since_ns = now_ns;
  skeleton_->bss->restart_until_ns = 0;
}

void Programs::begin_judging() { skeleton_->bss->workloads_assigned = 1; }

void Programs::report_cgroups(bool wanted) {
  if (wanted) begin_judging();
  skeleton_->bss->report_cgroups = wanted ? 1 : 0;
}

void Programs::hint_cgroup(std::uint64_t cgroup_id) {
  __atomic_fetch_or(
      &skeleton_->bss->cgroup_hints[STAYD_HINT_WORD(cgroup_id, STAYD_CGROUP_HINT_WORDS)],
      std::uint64_t{1} << STAYD_HINT_SHIFT(cgroup_id), __ATOMIC_RELAXED);
}

void Programs::hint_node(std::uint64_t inode) {
  __atomic_fetch_or(&skeleton_->bss->node_hints[STAYD_HINT_WORD(inode, STAYD_NODE_HINT_WORDS)],
                    std::uint64_t{1} << STAYD_HINT_SHIFT(inode), __ATOMIC_RELAXED);
}

std::uint64_t Programs::sigpending_mask() const { return skeleton_->bss->sigpending_mask; }

void Programs::forget_judged() {
  __atomic_fetch_add(&skeleton_->data->tree_generation, 1, __ATOMIC_RELAXED);
}

Result<Programs::Link> Programs::watch_dns(int cgroup) const {
  Link link(bpf_program__attach_cgroup(skeleton_->progs.dns_ingress, cgroup), bpf_link__destroy);
  if (!link) return libbpf_error("attach dns_ingress", errno);
  return {boost::system::in_place_value, std::move(link)};
}

Result<Programs::Link> Programs::extend_attempts() const {
  const Fd root(::open("/sys/fs/cgroup", O_DIRECTORY | O_CLOEXEC));
  if (!root) return errno_error("/sys/fs/cgroup");
  Link link(bpf_program__attach_cgroup(skeleton_->progs.connect_attempts, root.get()),
            bpf_link__destroy);
  if (!link) return libbpf_error("attach connect_attempts", errno);
  return {boost::system::in_place_value, std::move(link)};
}

std::uint32_t Programs::next_generation() { return ++skeleton_->bss->last_generation; }
std::uint32_t Programs::next_policy() { return ++skeleton_->bss->last_policy; }

Result<> unpin(const std::string& pin_directory) {
  std::error_code error;
  fs::remove_all(pin_directory, error);
  if (error) return Error{"remove " + pin_directory + ": " + error.message()};
  return {};
}

}  // namespace stayd
