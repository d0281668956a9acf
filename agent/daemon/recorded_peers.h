// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/peer.h"
#include "kernel/tables.h"

namespace stayd {

// Identifies the processes that connect to the agent's sockets by what the kernel side noted at
// that moment (bpf/network.bpf.h, note_connection()). Credentials alone would leave a pid to ask
// about, which may be another process's by the time that a connection is accepted.
class RecordedPeers final : public PeerRecords {
 public:
  explicit RecordedPeers(Tables& tables) : tables_(tables) {}

  Result<> watch(int socket) override { return tables_.mark_listener(socket); }
  Result<Peer> peer_of(int socket) override;

 private:
  Tables& tables_;
};

}  // namespace stayd
