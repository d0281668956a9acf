// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "doctor/self_test.h"
#include "kernel/programs.h"
#include "kernel/tables.h"

namespace stayd {
namespace {

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
  std::string remedy;
};

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool is_file_system(const char* path, long magic) {
  struct statfs status {};
  return ::statfs(path, &status) == 0 && status.f_type == magic;
}

Check check_root() {
  bool ok = ::geteuid() == 0;
  return {"root", ok, "uid " + std::to_string(::geteuid()),
          ok ? "" : "run as root: the checks below load BPF programs"};
}

Check check_kernel() {
  utsname names{};
  ::uname(&names);
  int major = 0, minor = 0;
  std::sscanf(names.release, "%d.%d", &major, &minor);
  bool ok = major > 6 || (major == 6 && minor >= 1);
  bool machine = std::string(names.machine) == "x86_64";
  return {"kernel", ok && machine, std::string(names.release) + " " + names.machine,
          !ok       ? "stayd needs Linux 6.1 or later"
          : machine ? ""
                    : "only x86-64 is supported"};
}

Check check_btf() {
  bool ok = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  return {"type information", ok, ok ? "/sys/kernel/btf/vmlinux" : "no /sys/kernel/btf/vmlinux",
          ok ? "" : "use a kernel built with CONFIG_DEBUG_INFO_BTF"};
}

Check check_cgroups() {
  bool ok = is_file_system("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC);
  return {"cgroup version 2", ok,
          ok ? "mounted at /sys/fs/cgroup" : "not mounted at /sys/fs/cgroup",
          ok ? ""
             : "boot with systemd.unified_cgroup_hierarchy=1, or: mount -t cgroup2 none "
               "/sys/fs/cgroup"};
}

Check check_bpffs() {
  bool ok = is_file_system("/sys/fs/bpf", BPF_FS_MAGIC);
  return {"bpf file system", ok, ok ? "mounted at /sys/fs/bpf" : "not mounted at /sys/fs/bpf",
          ok ? "" : "mount -t bpf none /sys/fs/bpf (enforcement outlives the agent through it)"};
}

Check check_lsm_list() {
  std::string list = first_line("/sys/kernel/security/lsm");
  bool ok = ("," + list + ",").find(",bpf,") != std::string::npos;
  std::string detail = list.empty() ? "cannot read /sys/kernel/security/lsm" : "lsm=" + list;
  return {"bpf in the lsm list", ok, detail,
          ok ? ""
          : list.empty()
              ? "mount -t securityfs none /sys/kernel/security, to see it"
              : "boot with lsm=" + list + ",bpf; without it only the weaker fmod_ret remains"};
}

Check check_attachment(Attachment attachment) {
  Check check{attachment == Attachment::lsm ? "LSM programs" : "fmod_ret programs", false, "", ""};
  Result<Programs> programs = Programs::load({.attachment = attachment, .pin_directory = ""});
  if (!programs) {
    check.detail = programs.error().message;
    check.remedy =
        "this kernel, or what it runs in, refuses them: use a kernel with CONFIG_BPF_LSM, outside "
        "a "
        "sandbox that filters bpf(2). To try stayd here, scripts/quickstart boots one in QEMU";
    return check;
  }
  Tables tables(*programs);
  Result<WorkloadId> proven = self_test(*programs, tables);
  check.ok = proven.has_value();
  check.detail = check.ok ? "a denied open, create, connect, send and exec were refused"
                          : proven.error().message;
  if (!check.ok)
    check.remedy = "the programs load but do not enforce: see the lsm list and cgroup lines above";
  return check;
}

Check check_real_time() {
  sched_param priority{.sched_priority = 10};
  bool ok = ::sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
  sched_param normal{.sched_priority = 0};
  ::sched_setscheduler(0, SCHED_OTHER, &normal);
  return {"real-time priority", ok, ok ? "SCHED_FIFO is allowed" : "SCHED_FIFO is refused",
          ok ? "" : "give stayd CAP_SYS_NICE; without it many holds at once may end unanswered"};
}

}  // namespace

nlohmann::json examine_kernel() {
  std::vector<Check> checks = {check_root(),  check_kernel(),   check_btf(),      check_cgroups(),
                               check_bpffs(), check_lsm_list(), check_real_time()};
  Check lsm = check_attachment(Attachment::lsm);
  std::string enforcement = lsm.ok ? "lsm" : "none";
  checks.push_back(lsm);
  if (!lsm.ok) {
    Check fallback = check_attachment(Attachment::fmod_ret);
    if (fallback.ok) {
      enforcement = "fmod_ret";
      fallback.detail += "; weaker than LSM: a program can be skipped when it preempts itself";
    }
    checks.push_back(fallback);
  }
  nlohmann::json result{{"enforcement", enforcement}, {"checks", nlohmann::json::array()}};
  for (const Check& check : checks)
    result["checks"].push_back({{"name", check.name},
                                {"ok", check.ok},
                                {"detail", check.detail},
                                {"remedy", check.remedy}});
  return result;
}

}  // namespace stayd
