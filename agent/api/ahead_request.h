// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "context/wanted.h"

namespace stayd {

// A workload's request for something before it tries it.
struct AheadRequest {
  static constexpr std::size_t kMaxReason = 1024;  // bytes

  Wanted wanted;
  std::string reason;  // the workload's own words
};

// Reads the body of POST /v1/requests:
//
//   {"operation": "open", "object": "/srv/x", "access": "read" | "write" | "readwrite"}
//   {"operation": "create" | "delete", "object": "/srv/x"}
//   {"operation": "exec", "object": ["git", "push"]}
//   {"operation": "connect" | "send", "object": "files.example.org:443" | "192.0.2.7:53/udp"}
//
// each with "reason". Without "access", open is for reading; without a protocol, connect is TCP and
// send is UDP. Strict: the error says what is wrong first, fit to be sent back.
Result<AheadRequest> read_ahead_request(std::string_view body);

}  // namespace stayd
