// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tickets/ticket.h"

namespace stayd {

using GrantId = std::uint64_t;

enum class GrantEnd : std::uint8_t {
  live,
  expired,
  used_up,
  revoked,
  process_ended,
  workload_ended,  // or is under another policy
  made_room,       // there were too many
  replaced,        // by another for the same operations
};
const char* to_string(GrantEnd end);

// The permission an approval leaves behind: the operations that it lets through pass without being
// asked about. Identical ones, the kernel side lets through by itself. What is granted by
// directory, by host or by rule is held first, and answered at once: see tickets/coverage.h.
struct Grant {
  GrantId id = 0;
  TicketId ticket = 0;
  WorkloadId workload{};
  stayd_object object{};
  Scope scope = Scope::workload;
  ProcessInstance process{};  // of one process only
  std::string workload_name;  // cgroup path
  std::string what;           // "open /srv/customers/list.csv"; the workload's bytes
  PersonId person;            // whose approval completed it
  TimePoint granted{};
  std::optional<TimePoint> expires;  // nothing: with the process or workload
  std::int64_t uses = 0;             // INT64_MAX: any number
  GrantEnd end = GrantEnd::live;
  // The places of a grant by directory, by host or by rule; else empty. `object` then says of which
  // kind and access, on which device, or to which port and protocol.
  std::vector<std::string> places;   // the directory, or the names of the host; none of scope rule
  std::string rule;                  // that has to hold it, in words
  std::vector<std::string> touched;  // labels that the workload had read
  std::uint64_t directory = 0;       // the inode of the directory; 0: it is granted otherwise
};

// True if the kernel side lets through what the grant is about.
inline bool is_for_kernel(const Grant& grant) {
  return grant.scope <= Scope::workload && grant.places.empty();
}

}  // namespace stayd
