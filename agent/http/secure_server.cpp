// SPDX-License-Identifier: Apache-2.0
#include "http/secure_server.h"

#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "base/log.h"
#include "http/certificates.h"
#include "http/server_session.h"
#include "http/url.h"

namespace stayd::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// When no descriptor is left, accept fails at once, again and again.
constexpr std::chrono::milliseconds kPauseAfterFailedAccept{100};
constexpr int kBacklog = 128;

struct SecureServer::State {
  explicit State(asio::any_io_executor executor)
      : acceptor(executor), pause(executor), sessions(std::make_shared<SessionState>()) {}

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::uint16_t port = 0;
  std::optional<Certificates> certificates;  // none: plain HTTP
  std::shared_ptr<SessionState> sessions;
};

namespace {

void log_failure(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_error("https: {}", error.what());
  }
}

// What counts as one peer.
std::string group_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
}

asio::awaitable<void> serve(std::unique_ptr<ServerSession> session) { co_await session->run(); }

void begin_session(SecureServer::State& state, tcp::socket socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  error_code gone;
  asio::ip::address peer = socket.remote_endpoint(gone).address();
  if (gone) return;
  if (peer.is_v6() && peer.to_v6().is_v4_mapped())
    peer = asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6());
  const std::string group = group_of(peer);
  SessionState& sessions = *state.sessions;
  const auto same = sessions.by_peer.find(group);
  if (sessions.sessions.size() >= sessions.limits.connections ||
      (same != sessions.by_peer.end() && same->second >= sessions.limits.connections_per_peer))
    return;  // closes it: a handshake, to say so, is what an attacker would like

  TlsContext tls;
  if (state.certificates) {
    if (Result<> fresh = state.certificates->reload_if_changed(); !fresh)
      log_error("https: the new certificate is not used: {}", fresh.error().message);
    tls = state.certificates->context();
  }
  auto executor = socket.get_executor();
  auto session = std::make_unique<ServerSession>(state.sessions, Stream::Tcp(std::move(socket)),
                                                 std::move(tls), peer.to_string(), group);
  asio::co_spawn(executor, serve(std::move(session)), log_failure);
}

asio::awaitable<void> accept_clients(std::shared_ptr<SecureServer::State> state) {
  while (state->acceptor.is_open()) {
    error_code error;
    tcp::socket socket =
        co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!state->acceptor.is_open()) co_return;
    if (error) {
      state->pause.expires_after(kPauseAfterFailedAccept);
      co_await state->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    try {
      begin_session(*state, std::move(socket));
    } catch (const std::exception&) {
      log_failure(std::current_exception());
    }
  }
}

Result<> listen(SecureServer::State& state, const asio::ip::address& address, std::uint16_t port) {
  const tcp::endpoint endpoint(address, port);
  error_code error;
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) ::fcntl(state.acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  // So that a restart need not wait for the connections of before to be forgotten.
  if (!error) state.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(kBacklog, error);
  if (error) return Error{error.message()};
  state.port = state.acceptor.local_endpoint(error).port();
  return {};
}

}  // namespace

Result<std::unique_ptr<SecureServer>> SecureServer::create(asio::any_io_executor executor,
                                                           SecureServerOptions options,
                                                           Handler handler) {
  const std::string where = "listen on " + options.address + ":" + std::to_string(options.port);
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(options.address, not_an_address);
  if (not_an_address) return Error{where + ": not an IP address"};

  auto state = std::make_shared<State>(executor);
  if (options.certificate) {
    Result<Certificates> certificates = Certificates::load(*options.certificate);
    if (!certificates) return in_context(where, certificates.error());
    state->certificates = std::move(*certificates);
  } else if (!options.plain_on_loopback) {
    return Error{where + ": no certificate"};
  } else if (!is_loopback(address.to_string())) {
    return Error{where + ": without a certificate only a loopback address will do"};
  }
  if (Result<> listening = listen(*state, address, options.port); !listening)
    return in_context(where, listening.error());
  state->sessions->limits = options.limits;
  state->sessions->handler = std::move(handler);
  std::unique_ptr<SecureServer> server(new SecureServer(state));
  asio::co_spawn(executor, accept_clients(std::move(state)), log_failure);
  return server;
}

SecureServer::~SecureServer() { stop(); }

std::uint16_t SecureServer::port() const { return state_->port; }

Result<> SecureServer::reload() {
  if (!state_->certificates) return {};
  return state_->certificates->reload();
}

void SecureServer::stop() {
  if (state_->sessions->stopped) return;
  state_->sessions->stopped = true;
  error_code ignored;  // closing can only fail to report
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  for (ServerSession* session : state_->sessions->sessions) session->stop();
}

}  // namespace stayd::http
