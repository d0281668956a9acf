// SPDX-License-Identifier: Apache-2.0
#include "api/peer.h"

#include <sys/socket.h>

#include "base/users.h"

namespace stayd {

Result<Peer> credentials_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return errno_error("SO_PEERCRED");
  Peer peer;
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.name = login_of(credentials.uid);
  return peer;
}

std::string to_string(const Peer& peer) {
  std::string uid = "uid " + std::to_string(peer.uid);
  return peer.name.empty() ? uid : peer.name + " (" + uid + ")";
}

}  // namespace stayd
