// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/peer.h"

namespace stayd::test {

// Peers as their sockets describe them, where there is no kernel side to note more.
class LocalPeers final : public PeerRecords {
 public:
  Result<> watch(int) override { return {}; }
  Result<Peer> peer_of(int socket) override { return credentials_of(socket); }
};

}  // namespace stayd::test
