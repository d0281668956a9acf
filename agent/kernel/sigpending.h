// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

struct stayd_bpf;

namespace stayd {

// TIF_SIGPENDING's bit in thread_info.flags: macros are in no type information, and 6.18
// renumbered them (arch/x86/include/asm/thread_info.h, then asm-generic/thread_info_tif.h), so it
// is seen, not known. The calling thread sends itself signals, some of which it blocks: the bit is
// the one that is set when one waits to be delivered, and only then.
//
// `skeleton` is loaded. 0: not found, which costs a stop signal that arrives within one pass of a
// spinning thread (bpf/lib/hold.bpf.h). Not for two threads at once: SIGRTMAX's handler is changed
// for the time.
std::uint64_t find_sigpending(stayd_bpf& skeleton);

}  // namespace stayd
