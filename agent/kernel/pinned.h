// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "kernel/programs.h"

struct bpf_program;
struct stayd_bpf;

namespace stayd {

// Whether what an earlier agent left pinned is what this one would load. Then it stays: the
// verifier need not see it again, and an agent that comes back is there at once.

// Of everything that makes the programs what they are: the object, its settings, and how its
// hooks are attached. 64 hex digits.
std::string programs_digest(const stayd_bpf& skeleton, Attachment attachment);

// True if all programs of that digest are there, each with its link. `pins`: the directory with
// maps/ and links/.
bool are_pinned(const stayd_bpf& skeleton, const std::string& pins, const std::string& digest);

// Empty before links are replaced, the digest once all are: what is interrupted is done again.
Result<> note_pinned(const stayd_bpf& skeleton, const std::string& digest);

// Those that are loaded each time, and attached when they are wanted: iterators, what belongs to
// one cgroup, and sigpending.cpp's.
bool is_for_later(const bpf_program* program);

}  // namespace stayd
