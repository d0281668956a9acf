// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/programs.h"

struct bpf_program;
struct stayd_bpf;

namespace stayd {

// True if what an earlier agent left pinned is what this one would load. Then it stays: the
// verifier need not see it again, and an agent that comes back is there at once.

// Of everything that makes the programs what they are: the object, its settings, and how its
// hooks are attached. 64 hex digits.
std::string programs_digest(const stayd_bpf& skeleton, Attachment attachment);

// True if all programs of that digest are there, each with its link. `pins`: the directory with
// maps/ and links/.
bool are_pinned(const stayd_bpf& skeleton, const std::string& pins, const std::string& digest);

// Empty before links are replaced, the digest once all are: what is interrupted is done again.
Result<> note_pinned(const stayd_bpf& skeleton, const std::string& digest);

// Ids of the programs whose links are pinned below the directory, whatever version's.
std::vector<std::uint32_t> linked_programs(const std::string& pin_directory);

// The kernel detaches a link some time after its pin has been removed. While a program and the
// one before it are both attached, a decision is used up by the first and asked about by the
// second, so an agent does not begin before those are gone. An error after `limit`.
Result<> wait_until_gone(const std::vector<std::uint32_t>& programs,
                         std::chrono::milliseconds limit);

// Those of other versions than the one whose pins are `pins`: they would go on judging.
Result<> remove_other_versions(const std::string& pin_directory, const std::string& pins);

// Those that are loaded each time, and attached when they are wanted: iterators, what belongs to
// one cgroup, and sigpending.cpp's.
bool is_for_later(const bpf_program* program);

}  // namespace stayd
