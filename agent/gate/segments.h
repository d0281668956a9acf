// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stayd/wire.h"

namespace stayd {

// Whole IP packets, each with one TCP segment, that end the wait of a pending connection. Pure.
using Packet = std::vector<std::uint8_t>;

// The SYN that the kernel side dropped, as the kernel would send it at `now_ns` (CLOCK_MONOTONIC):
// the timestamp is today's, from which the kernel takes the time of the round trip.
Packet dropped_syn(const stayd_pending& pending, std::uint64_t now_ns);

// What a host says at whose port nobody listens, in its name and to the socket: its connect fails
// with ECONNREFUSED. It is for the latest SYN, and concerns no other connection.
Packet refusal_of(const stayd_pending& pending);

}  // namespace stayd
