// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <ctime>

#include "kernel/tables.h"
#include "stayd/counters.h"

namespace stayd {

std::vector<std::pair<std::string, std::uint64_t>> Tables::counters() const {
  static constexpr const char* kNames[] = {
#define STAYD_COUNTER_NAME(name, meaning) #name,
      STAYD_COUNTERS(STAYD_COUNTER_NAME)
#undef STAYD_COUNTER_NAME
  };
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  std::vector<std::pair<std::string, std::uint64_t>> result;
  for (std::uint32_t which = 0; which < STAYD_COUNT_END; ++which) {
    std::uint64_t sum = 0;
    if (bpf_map_lookup_elem(maps_.counters, &which, per_cpu.data()) == 0)
      for (std::uint64_t value : per_cpu) sum += value;
    result.emplace_back(kNames[which], sum);
  }
  return result;
}

std::uint64_t boot_time_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace stayd
