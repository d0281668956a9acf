// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stayd::bench {

// What operations cost the calling process, in nanoseconds of CLOCK_MONOTONIC, which are
// instructions under scripts/vm --icount. Each is the least of many short rounds: no timer
// interrupt is in it. Throws std::runtime_error if an operation fails.

// open and close of a file that was opened before.
double cost_of_open(const std::string& file);

// open and close of files that were not opened before, each once; of equal rounds of `round`.
double cost_of_first_open(const std::vector<std::string>& files, std::size_t round);

// connect of a datagram socket to an address of this host.
double cost_of_connect(const char* address, std::uint16_t port);

// send of a datagram of 64 bytes to an address of this host, and recv of it.
double cost_of_send(const char* address);

// One such connect, with a socket of its own: as connect(2).
int connect_datagram(const char* address, std::uint16_t port);

}  // namespace stayd::bench
