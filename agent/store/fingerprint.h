// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tickets/ticket.h"

namespace stayd {

// Names what makes operations alike for people, over workloads and restarts: the policy, the kind
// of operation, what it acts on by name (path and new path, or address, port and protocol), for an
// open whether to read or write, the program that does it, and of an exec the arguments. 64
// hexadecimal digits: SHA-256 of these, each with its length. Not of inodes, holds or times.
//
// It tells approvers how similar operations were answered and decides nothing: a program's path is
// what /proc said.
std::string fingerprint_of(const Operation& operation, std::string_view policy);
std::string fingerprint_of(const Ticket& ticket);

}  // namespace stayd
