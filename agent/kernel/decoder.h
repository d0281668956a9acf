// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "context/notices.h"
#include "context/operation.h"

namespace stayd {

struct HoldResumed {
  HoldId hold = 0;
  std::int32_t process = 0;
  std::int32_t thread = 0;
  std::uint32_t slot = 0;    // of the workload
  std::int32_t syscall = 0;  // number in the caller's ABI
};

struct SignalSent {
  std::int32_t process = 0;
  std::int32_t thread = 0;
  std::int32_t signal = 0;
  bool to_process = false;
};

// The program of a pending connection that is over has tried again to make it.
struct ConnectionTried {
  HoldId hold = 0;
};

// What a configured resolver sent to a workload.
struct DnsPacket {
  WorkloadId workload;
  std::uint64_t time_ns = 0;  // CLOCK_BOOTTIME
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t protocol = 0;  // IPPROTO_UDP: a whole message; IPPROTO_TCP: a segment
  std::uint32_t sequence = 0;
  bool begins = false;  // TCP: a SYN
  std::vector<std::byte> payload;
};

using KernelEvent =
    std::variant<Operation, HoldResumed, HoldGone, SignalSent, CgroupMade, CgroupGone, DnsPacket,
                 LabelsRead, EntryChanged, ArgumentsChanged, ConnectionTried>;

// Turns bytes from the ring into an event. Pure, never reads past `bytes`, and rejects what
// it does not recognise: this is the trust boundary, and tests/fuzz/decoder_fuzz.cpp's
// target. The operation's path is from the root of its file system, its time is unset, and
// what only /proc knows of the caller is empty.
Result<KernelEvent> decode_event(std::span<const std::byte> bytes);

// The path that the kernel side's `names` stand for: leaf first, a NUL after each. With
// `truncated`, "…/the/last/of/it".
std::string join_path(std::string_view names, bool truncated);

}  // namespace stayd
