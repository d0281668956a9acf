// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "policy/decision.h"
#include "policy/path_tree.h"

namespace stayd {

// Stands for a host name's address where none is given: the IPv4 dummy address of RFC 7600,
// which rules name by nothing but 0.0.0.0/0.
inline constexpr std::string_view kNowhere = "192.0.0.8";

// An operation as people write it down:
//
//   open:/srv/x:read                   or write, or readwrite
//   create:/srv/x   delete:/srv/x
//   rename:/srv/x:/srv/y               replace:/srv/x:/srv/y if something is there already
//   link:/srv/x:/srv/y                 a hard link: the file, then its new name
//   exec:/usr/bin/git push --force     the program, then its arguments; one with a space in quotes:
//   exec:/usr/bin/bash -c "ls | wc"    '…', or "…" with \" and \\ in it
//   exec:memfd   exec:deleted:/tmp/x   exec:writable:/tmp/x ARGUMENTS
//   connect:192.0.2.7:443/tcp          [2001:db8::1]:443; tcp unless it says /udp
//   connect:files.example.org:443      files.example.org@192.0.2.7:443
//   connect:unix:/run/x.sock           unix:@name
//   send:192.0.2.7:53/udp              as connect
//
// Paths become part of `tree`. The error says what to write.
Result<Attempt> parse_attempt(std::string_view text, PathTree& tree);

// An argument as parse_attempt() reads it: in quotes if it needs them.
std::string quoted_argument(std::string_view argument);

// A label of which files were read: "customer-data", or "customer-data=100" for so many of them.
struct LabelRead {
  std::string label;
  std::uint32_t files = 1;
};
// An error: what follows '=' is no number from 1 to 1,000,000.
Result<LabelRead> parse_label_read(std::string_view text);

// The bits in a compiled policy of `labels`, as parse_label_read() takes them, and of its flows
// after so many files. The error names a label that `policy` does not know; one that no rule or
// flow is about has no bit.
Result<std::uint64_t> touched_mask(const Policy& policy, const CompiledPolicy& compiled,
                                   const std::vector<std::string>& labels);

}  // namespace stayd
