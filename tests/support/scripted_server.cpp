// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "support/waiting.h"

namespace stayd::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Peer::Socket& Peer::socket() { return socket_; }

bool Peer::begin_tls(asio::ssl::context& context) {
  tls_.emplace(socket_, context);
  error_code error;
  tls_->handshake(asio::ssl::stream_base::server, error);
  return !error;
}

std::string Peer::server_name() {
  const char* name =
      tls_ ? SSL_get_servername(tls_->native_handle(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name == nullptr ? "" : name;
}

void Peer::say(const std::string& bytes) {
  error_code gone;
  if (tls_) {
    asio::write(*tls_, asio::buffer(bytes), gone);
  } else {
    asio::write(socket_, asio::buffer(bytes), gone);
  }
}

std::size_t Peer::read_some(char* to, std::size_t size) {
  error_code gone;
  return tls_ ? tls_->read_some(asio::buffer(to, size), gone)
              : socket_.read_some(asio::buffer(to, size), gone);
}

std::string Peer::hear(std::size_t size) {
  char bytes[4096];
  while (heard_.size() < size) {
    const std::size_t got = read_some(bytes, sizeof bytes);
    if (got == 0) break;
    heard_.append(bytes, got);
  }
  std::string taken = heard_.substr(0, size);
  heard_.erase(0, size);
  return taken;
}

std::string Peer::hear_header() {
  std::string header;
  while (!header.ends_with("\r\n\r\n")) {
    const std::string byte = hear(1);
    if (byte.empty()) break;
    header += byte;
  }
  return header;
}

std::string Peer::hear_all() { return hear(std::string::npos); }

void Peer::wait_for_end() {
  pollfd end{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  ::poll(&end, 1, static_cast<int>(kPatience.count()));
}

void Peer::stop_talking() { ::shutdown(socket_.native_handle(), SHUT_WR); }

void Peer::hang_up() {
  error_code ignored;
  if (tls_) tls_->shutdown(ignored);
  stop_talking();
}

void Peer::reset_at_end() {
  error_code ignored;
  socket_.set_option(tcp::socket::linger(true, 0), ignored);
}

ScriptedServer::ScriptedServer(Script script, std::optional<CertificateAndKey> certificate)
    : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      port_(acceptor_.local_endpoint().port()) {
  if (certificate) {
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->use_certificate_chain(asio::buffer(certificate->certificate));
    tls_->use_private_key(asio::buffer(certificate->key), asio::ssl::context::pem);
  }
  thread_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  thread_.join();
  for (std::thread& player : players_) player.join();
}

void ScriptedServer::speak_only(int lowest, int highest) {
  SSL_CTX* native = tls_->native_handle();
  SSL_CTX_set_security_level(native, 0);  // else TLS 1.1 cannot even be offered
  SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(native, lowest);
  SSL_CTX_set_max_proto_version(native, highest);
}

std::string ScriptedServer::origin() const {
  return (tls_ ? "https://localhost:" : "http://localhost:") + std::to_string(port_);
}

void ScriptedServer::accept_all() {
  for (;;) {
    error_code error;
    Peer::Socket socket = acceptor_.accept(error);
    const std::lock_guard lock(mutex_);
    if (stopping_ || error) return;
    ++connections_;
    open_.insert(socket.native_handle());
    auto play_one = [this, held = std::make_shared<Peer::Socket>(std::move(socket))] {
      play(std::move(*held));
    };
    players_.emplace_back(std::move(play_one));
  }
}

void ScriptedServer::play(Peer::Socket socket) {
  const int fd = socket.native_handle();
  Peer peer(std::move(socket));
  if (!tls_ || peer.begin_tls(*tls_)) script_(peer);
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  error_code ignored;
  peer.socket().close(ignored);
}

}  // namespace stayd::test
