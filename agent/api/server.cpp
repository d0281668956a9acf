// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/json.h"
#include "http/server/accept.h"
#include "http/server/session.h"
#include "http/server/unix_listener.h"

namespace stayd {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

struct Server::State {
  State(const asio::any_io_executor& executor, http::UnixListener where, const ServerLimits& limits,
        Backend& served, PeerRecords& known)
      : listener(std::move(where)),
        acceptor(executor, Protocol(), listener.release_fd()),
        pause(executor),
        backend(&served),
        peers(&known),
        sessions(std::make_shared<http::Sessions>()) {
    sessions->limits = limits;
  }

  void begin(Protocol::socket socket, const std::shared_ptr<State>& self);

  http::UnixListener listener;
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  Backend* backend;  // null once the server has stopped, and so is `peers`
  PeerRecords* peers;
  std::shared_ptr<http::Sessions> sessions;
};

namespace {

using StatePtr = std::shared_ptr<Server::State>;

// A reply with an error ends the connection: whoever is not admitted any more keeps none.
http::Reply on_the_wire(const Reply& reply) {
  http::Reply wire;
  wire.status = reply.status;
  wire.body = dump(reply.body) + "\n";
  wire.close = reply.status >= 400;
  return wire;
}

Reply stopping() { return error_reply(503, "stayd is stopping"); }

// Until what is waited for has happened, the time is over, or the client has gone: keeping its
// place among the connections would shut others out.
asio::awaitable<void> wait_for_change(const StatePtr& state, Wait wait, http::Session& session) {
  const auto end = std::chrono::steady_clock::now() + wait.at_most;
  const auto is_over = [&] {
    return wait.over ? wait.over() : state->backend->revision() != wait.since;
  };
  while (state->backend != nullptr && !is_over() && std::chrono::steady_clock::now() < end) {
    const bool present = co_await session.wait(end);
    if (!present) co_return;
  }
}

asio::awaitable<Reply> answer(const StatePtr& state, const Peer& peer, const http::Request& request,
                              http::Session& session) {
  if (state->backend == nullptr) co_return stopping();
  if (Result<> admitted = state->backend->admit(peer); !admitted)
    co_return error_reply(403, admitted.error().message);
  const Request wanted{request.method, request.target, request.body, peer};
  const Routed action = state->backend->route(wanted);
  if (!action) co_return action.error();
  if (action->wait) co_await wait_for_change(state, *action->wait, session);
  if (state->backend == nullptr) co_return stopping();
  co_return action->perform();
}

// A coroutine of its own, which keeps what it was given: the parameters live in its frame.
asio::awaitable<http::Reply> serve(StatePtr state, Peer peer, http::Request request,
                                   http::Session& session) {
  const Reply reply = co_await answer(state, peer, request, session);
  co_return on_the_wire(reply);
}

// Turns away a client that gets no session. The reply fits the socket's empty buffer.
void turn_away(Protocol::socket& socket, unsigned status, std::string_view message) {
  const std::string bytes =
      http::serialize(http::error_reply(status, message), /*keep_alive=*/false);
  [[maybe_unused]] ssize_t sent =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

void Server::State::begin(Protocol::socket socket, const std::shared_ptr<State>& self) {
  Result<Peer> peer = peers->peer_of(socket.native_handle());
  if (!peer) return turn_away(socket, 403, "cannot tell who you are: " + peer.error().message);
  // Before the limits below, so that those who are refused cannot use them up.
  Result<> admitted = backend->admit(*peer);
  if (!admitted) return turn_away(socket, 403, admitted.error().message);
  std::string client = backend->client_of(*peer);
  switch (sessions->room_for(client)) {
    case http::Sessions::Room::full:
      return turn_away(socket, 503, "too many connections");
    case http::Sessions::Room::full_for_peer:
      return turn_away(socket, 503, "too many connections of this workload");
    case http::Sessions::Room::available:
      break;
  }
  http::Handler handler = [self, peer = std::move(*peer)](http::Request request,
                                                          http::Session& session) {
    return serve(self, peer, std::move(request), session);
  };
  const auto executor = socket.get_executor();
  http::spawn(std::make_unique<http::Session>(sessions, http::Stream::Unix(std::move(socket)),
                                              std::move(client), std::move(handler)),
              executor);
}

Result<std::unique_ptr<Server>> Server::create(asio::any_io_executor executor,
                                               ServerOptions options, Backend& backend,
                                               PeerRecords& peers) {
  Result<http::UnixListener> listener =
      http::UnixListener::open(options.socket_path, options.group, options.everybody,
                               [&peers](int socket) { return peers.watch(socket); });
  if (!listener) return in_context("listen", listener.error());
  try {
    auto state =
        std::make_shared<State>(executor, std::move(*listener), options.limits, backend, peers);
    std::unique_ptr<Server> server(new Server(state));
    asio::co_spawn(executor, http::accept_clients<State>(std::move(state)), http::log_failure);
    return server;
  } catch (const boost::system::system_error& error) {
    return Error{"listen: " + options.socket_path + ": " + error.what()};
  }
}

Server::~Server() { stop(); }

void Server::notify() { state_->sessions->notify(); }

void Server::stop() {
  if (state_->backend == nullptr) return;
  state_->backend = nullptr;
  state_->peers = nullptr;
  state_->listener.remove_name();
  boost::system::error_code ignored;  // closing can only fail to report
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  state_->sessions->stop();
}

}  // namespace stayd
