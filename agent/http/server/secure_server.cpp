// SPDX-License-Identifier: Apache-2.0
#include "http/server/secure_server.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/log.h"
#include "http/server/accept.h"
#include "http/server/certificates.h"
#include "http/server/session.h"
#include "http/url.h"

namespace stayd::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 128;

struct SecureServer::State {
  State(asio::any_io_executor executor, SecureServer::Handler given)
      : acceptor(executor), pause(executor), sessions(std::make_shared<Sessions>()) {
    handler = [given = std::move(given)](Request request, Session&) {
      return given(std::move(request));
    };
  }

  void begin(tcp::socket socket, const std::shared_ptr<State>& self);

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::uint16_t port = 0;
  std::optional<Certificates> certificates;  // none: plain HTTP
  http::Handler handler;
  std::shared_ptr<Sessions> sessions;
};

namespace {

// Returns the group of addresses that counts as one peer.
std::string group_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
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

void SecureServer::State::begin(tcp::socket socket, const std::shared_ptr<State>&) {
  error_code gone;
  asio::ip::address address = socket.remote_endpoint(gone).address();
  if (gone) return;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  std::string peer = group_of(address);
  // Closes it: a handshake, to say so, is what an attacker would like.
  if (sessions->room_for(peer) != Sessions::Room::available) return;

  TlsContext tls;
  if (certificates) {
    if (Result<> fresh = certificates->reload_if_changed(); !fresh)
      log_error("https: the new certificate is not used: {}", fresh.error().message);
    tls = certificates->context();
  }
  const auto executor = socket.get_executor();
  spawn(std::make_unique<Session>(sessions, Stream::Tcp(std::move(socket)), std::move(tls),
                                  std::move(peer), address.to_string(), handler),
        executor);
}

Result<std::unique_ptr<SecureServer>> SecureServer::create(asio::any_io_executor executor,
                                                           SecureServerOptions options,
                                                           Handler handler) {
  const std::string where = "listen on " + options.address + ":" + std::to_string(options.port);
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(options.address, not_an_address);
  if (not_an_address) return Error{where + ": not an IP address"};

  auto state = std::make_shared<State>(executor, std::move(handler));
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
  std::unique_ptr<SecureServer> server(new SecureServer(state));
  asio::co_spawn(executor, accept_clients<State>(std::move(state)), log_failure);
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
  error_code ignored;  // closing can only fail to report
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  state_->sessions->stop();
}

}  // namespace stayd::http
