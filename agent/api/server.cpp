// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "api/listener.h"
#include "api/session.h"

namespace stayd {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;

// When no descriptor is left, accept fails at once, again and again.
constexpr std::chrono::milliseconds kPauseAfterFailedAccept{100};

struct Server::State {
  State(asio::any_io_executor executor, Listener where, ServerOptions& options, Backend& backend,
        PeerRecords& peers)
      : listener(std::move(where)),
        acceptor(executor, Protocol(), listener.release_fd()),
        pause(executor),
        sessions(std::make_shared<SessionState>()) {
    sessions->limits = options.limits;
    sessions->backend = &backend;
    sessions->peers = &peers;
  }

  Listener listener;
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<SessionState> sessions;
};

namespace {

void log_failure(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("api: {}", error.what());
  }
}

// Turns away a client that gets no session. The reply fits the socket's empty buffer.
void turn_away(Protocol::socket& socket, unsigned status, std::string_view message) {
  const std::string bytes = serialize(error_reply(status, message), /*keep_alive=*/false);
  [[maybe_unused]] ssize_t sent =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

asio::awaitable<void> serve(std::unique_ptr<Session> session) { co_await session->run(); }

void begin_session(std::shared_ptr<SessionState> state, Protocol::socket socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  Result<Peer> peer = state->peers->peer_of(socket.native_handle());
  if (!peer) return turn_away(socket, 403, "cannot tell who you are: " + peer.error().message);
  // Before the limit below, so that those who are refused cannot use it up.
  Result<> admitted = state->backend->admit(*peer);
  if (!admitted) return turn_away(socket, 403, admitted.error().message);
  if (state->sessions.size() >= state->limits.connections)
    return turn_away(socket, 503, "too many connections");
  std::string client = state->backend->client_of(*peer);
  const auto others = state->by_client.find(client);
  if (!client.empty() && others != state->by_client.end() &&
      others->second >= state->limits.connections_per_client)
    return turn_away(socket, 503, "too many connections of this workload");

  auto executor = socket.get_executor();
  auto session = std::make_unique<Session>(std::move(state), std::move(socket), std::move(*peer),
                                           std::move(client));
  asio::co_spawn(executor, serve(std::move(session)), log_failure);
}

asio::awaitable<void> accept_clients(std::shared_ptr<Server::State> state) {
  while (state->acceptor.is_open()) {
    error_code error;
    Protocol::socket socket =
        co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!state->acceptor.is_open()) co_return;
    if (error) {
      state->pause.expires_after(kPauseAfterFailedAccept);
      co_await state->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    try {
      begin_session(state->sessions, std::move(socket));
    } catch (const std::exception&) {
      log_failure(std::current_exception());
    }
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(asio::any_io_executor executor,
                                               ServerOptions options, Backend& backend,
                                               PeerRecords& peers) {
  Result<Listener> listener = Listener::open(options.socket_path, options.group, options.everybody,
                                             [&peers](int socket) { return peers.watch(socket); });
  if (!listener) return in_context("listen", listener.error());
  try {
    auto state = std::make_shared<State>(executor, std::move(*listener), options, backend, peers);
    std::unique_ptr<Server> server(new Server(state));
    asio::co_spawn(executor, accept_clients(std::move(state)), log_failure);
    return server;
  } catch (const boost::system::system_error& error) {
    return Error{"listen: " + options.socket_path + ": " + error.what()};
  }
}

Server::~Server() { stop(); }

void Server::notify() {
  for (Session* session : state_->sessions->sessions) session->notify();
}

void Server::stop() {
  if (state_->sessions->backend == nullptr) return;
  state_->sessions->backend = nullptr;
  state_->listener.remove_name();
  error_code ignored;  // closing can only fail to report
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  for (Session* session : state_->sessions->sessions) session->stop();
}

}  // namespace stayd
