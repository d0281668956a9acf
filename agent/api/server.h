// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "api/backend.h"
#include "base/result.h"
#include "http/server/limits.h"

namespace stayd {

// For processes of this host. A peer is whatever Backend::client_of() counts as one; where that is
// empty, only `connections` bounds it. A whole request, header and body, must arrive in ten
// seconds.
struct ServerLimits : http::ServerLimits {
  ServerLimits() {
    request = {8 * 1024, 64 * 1024};
    connections = 64;
    connections_per_peer = 8;
    header = reply = std::chrono::seconds(10);
    body.reset();
  }
};

struct ServerOptions {
  std::string socket_path;
  std::string group;       // that may connect besides root; ignored if there is no such group
  bool everybody = false;  // everybody may connect; whom the backend admits is served
  ServerLimits limits{};
};

// Serves a backend over a Unix stream socket, with the sessions of http/server. Everything, the
// backend's calls included, happens on the executor, which must run on one thread; so must all
// calls below. What fails in a connection ends that connection only.
class Server {
 public:
  // Listens and begins to serve. `backend` and `peers` must live until stop() or destruction.
  static Result<std::unique_ptr<Server>> create(boost::asio::any_io_executor executor,
                                                ServerOptions options, Backend& backend,
                                                PeerRecords& peers);
  ~Server();

  // Call when what clients wait for may have come: see Wait.
  void notify();

  // Stops listening, removes the socket and ends idle connections; a reply that is being
  // sent is still sent while the executor runs. The backend is not called again.
  void stop();

  struct State;

 private:
  explicit Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // shared with the connections, which may outlive us
};

}  // namespace stayd
