// SPDX-License-Identifier: Apache-2.0
#include "daemon/recorded_peers.h"

namespace stayd {
namespace {

constexpr std::uint32_t kNoLogin = 4294967295;

}  // namespace

Result<Peer> RecordedPeers::peer_of(int socket) {
  const Result<stayd_connection> noted = tables_.connection_of(socket);
  if (!noted)
    return Error{"the kernel side has no note of this connection (" + noted.error().message +
                 "); connect again"};
  if (noted->workload.slot == STAYD_UNDECIDED)
    return Error{
        "this process is in a new cgroup, which may come under a policy; connect again in a "
        "moment"};
  Result<Peer> peer = credentials_of(socket);
  if (!peer) return peer;
  peer->process_start_ns = noted->process_start_ns;
  if (noted->login_uid != kNoLogin) peer->login_uid = noted->login_uid;
  if (noted->workload.generation != 0)
    peer->workload = WorkloadId{noted->workload.slot, noted->workload.generation};
  return peer;
}

}  // namespace stayd
