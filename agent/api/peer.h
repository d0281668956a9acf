// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "context/operation.h"

namespace stayd {

// The process that connected to a Unix socket, as it was at that moment. What the connection's
// other end is later (a child, whoever was given the descriptor) is not known.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;  // login name; empty if the uid has none
  // The user whose login session the process belonged to; proc(5) loginuid. Nothing: none was ever
  // set.
  std::optional<uid_t> login_uid{};
  // The workload whose tag it carried; the workload may have been released since.
  std::optional<WorkloadId> workload{};
  std::uint64_t process_start_ns = 0;  // CLOCK_BOOTTIME; tells another process with its pid

  ProcessInstance process() const { return {.pid = pid, .start_ns = process_start_ns}; }
};

// "alice (uid 1000)", or "uid 1000".
std::string to_string(const Peer& peer);

// Tells who connected to the sockets of a server. Calls come on the server's thread.
class PeerRecords {
 public:
  virtual ~PeerRecords() = default;

  // Called for a bound socket before it listens. An error: the server does not start.
  virtual Result<> watch(int socket) = 0;

  // Finds the process that connected to this socket, which accept(2) returned for a watched one. An
  // error refuses the connection, because nothing is guessed, and says what to do. May look a name
  // up in the user database, and block for as long as the host's name service does.
  virtual Result<Peer> peer_of(int socket) = 0;
};

// Returns the socket's own credentials (SO_PEERCRED, unix(7)): pid, uid, gid, and the login name.
Result<Peer> credentials_of(int socket);

}  // namespace stayd
