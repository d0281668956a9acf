// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "context/operation.h"

namespace stayd {

// An operation that a workload wants to do, before it tries: as the workload names things, and
// nothing of it looked up. Strings are the workload's bytes: escape to show.
struct Wanted {
  OperationKind kind = OperationKind::open;  // open, create, remove, exec, connect or send
  bool read = false;                         // open
  bool write = false;                        // open
  std::string path;                          // open, create, remove: absolute
  // exec: all of them. The first is an absolute path, or a name that is looked for in the PATH of
  // the process that asks.
  std::vector<std::string> arguments;
  Endpoint endpoint;  // connect, send; without an address where `host` stands for it
  std::string host;   // in lower case; empty: the address is given
};

}  // namespace stayd
