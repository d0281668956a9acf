// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernel/tables.h"

namespace stayd {
namespace {

stayd_grant_key grant_key(const Tables::GrantSubject& subject) {
  return {.object = subject.object,
          .workload = {.slot = subject.workload.slot, .generation = subject.workload.generation},
          .process_start_ns = subject.process.start_ns,
          .process = static_cast<std::uint32_t>(subject.process.pid),
          .reserved = 0};
}

}  // namespace

Result<> Tables::grant(const GrantSubject& subject, const stayd_grant& grant) {
  if (grants_freed_.exchange(false)) wait_for_programs();
  const stayd_grant_key key = grant_key(subject);
  if (!maps_.grants.replace(key, grant)) return maps_.grants.put(key, grant, "grant");
  grants_freed_ = true;
  return {};
}

std::optional<std::int64_t> Tables::uses_left(const GrantSubject& subject) const {
  const std::optional<stayd_grant> grant = maps_.grants.get(grant_key(subject));
  if (!grant) return std::nullopt;
  return std::max<std::int64_t>(grant->uses, 0);
}

void Tables::revoke(const GrantSubject& subject) {
  maps_.grants.erase(grant_key(subject));
  grants_freed_ = true;
}

void Tables::revoke_all(WorkloadId workload) {
  maps_.grants.for_each_key([&](const stayd_grant_key& key) {
    if (key.workload.slot == workload.slot && key.workload.generation == workload.generation)
      maps_.grants.erase(key);
  });
  grants_freed_ = true;
}

}  // namespace stayd
