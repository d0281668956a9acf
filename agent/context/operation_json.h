// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "context/operation.h"

namespace stayd {

// The JSON of an operation, for people and programs. Strings that the workload could choose have
// been through escape() with `text_max` (of base/escape.h, where kUnbounded is).
//
//   hold, kind, time, time_ms
//   disposition    "held", "cannot_wait", "denied", "audited", "would_hold", "would_deny",
//                  "asked_ahead"
//   access         ["read", "write"] of an open
//   path           absent for connect and send
//   new_path       rename
//   arguments      exec: array; arguments_incomplete: true if some could not be read
//   endpoint       connect, send: "192.0.2.7:443/tcp"; else absent
//   syscall        {name, number, abi: "x86-64" | "x32" | "i386"}
//   open_flags
//   caller         {pid, thread, parent, uid, gid, login_uid or null, cgroup, cgroup_id,
//                   comm, program, ancestry: [{pid, program, arguments}], parent first}
//   identity       {device: "major:minor", inode, inode_generation, hash}; 64-bit numbers
//                   that JavaScript would round are hex strings
//   workload_id    {slot, generation};  policy_id;  rule_id
nlohmann::json to_json(const Operation& operation, std::size_t text_max = 512);

}  // namespace stayd
