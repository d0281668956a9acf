// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "context/operation.h"

namespace stayd {

inline constexpr std::size_t kMaxAncestors = 8;
inline constexpr std::size_t kMaxArgumentBytes = 4096;  // of each ancestor

// Fills program, cgroup and ancestry of `caller` (by its pid and parent) from /proc.
// Never fails: what cannot be read, because the process is gone or hides, stays empty. Takes
// at most kMaxAncestors parents and ends below pid 1. Reading a process's arguments can
// wait for its memory map, so not for the thread that has to answer quickly.
//
// Everything here is what /proc says now, for a person to read; a pid may have been reused
// since. Nothing may be decided by it.
void describe_caller(Caller& caller, const std::string& proc_root = "/proc");

// At most `max` bytes from the beginning of a file of /proc; empty if it cannot be read.
std::string read_start(const std::string& path, std::size_t max);

// Returns when the process with this pid began, in ticks since boot (proc(5) stat, starttime),
// which tells a reused pid. Nothing: there is no such process.
std::optional<std::uint64_t> start_ticks(std::int32_t pid, const std::string& proc_root = "/proc");

// True if the process still has its pid. Starts are compared in ticks of 10 ms: a pid that was used
// again within the tick in which the process began is not told apart.
bool lives(const ProcessInstance& process, const std::string& proc_root = "/proc");

}  // namespace stayd
