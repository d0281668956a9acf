// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

// The permission an approval leaves behind: identical operations of the workload, or of one
// process of it, pass without being asked about.
struct Grant {
  GrantId id = 0;
  TicketId ticket = 0;
  WorkloadId workload{};
  stayd_object object{};
  Scope scope = Scope::workload;
  ProcessInstance process{};  // of scope process
  std::string workload_name;  // cgroup path
  std::string what;           // "open /srv/customers/list.csv"; the workload's bytes
  PersonId person;            // whose approval completed it
  TimePoint granted{};
  std::optional<TimePoint> expires;  // nothing: with the process or workload
  std::int64_t uses = 0;             // INT64_MAX: any number
  GrantEnd end = GrantEnd::live;
};

}  // namespace stayd
