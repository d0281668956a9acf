// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace stayd {
namespace {

constexpr int kNice = -10;
// The hard limit that systemd sets for services, which Linux allows (fs.nr_open is 1048576).
constexpr rlim_t kManyFiles = 524288;

}  // namespace

void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit)) return;
  const rlimit raised{std::max(limit.rlim_cur, kManyFiles), std::max(limit.rlim_max, kManyFiles)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void come_before_others() { (void)::setpriority(PRIO_PROCESS, 0, kNice); }

}  // namespace stayd
