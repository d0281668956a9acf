// SPDX-License-Identifier: Apache-2.0
#include "support/raw_client.h"

#include <openssl/x509.h>
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "support/certificates.h"

namespace stayd::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct RawClient::Connection {
  asio::io_context context;
  tcp::socket socket{context};
  asio::ssl::context tls_context{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string heard;

  void connect(std::uint16_t port, const std::string& from) {
    socket.open(tcp::v4());
    socket.bind(tcp::endpoint(asio::ip::make_address(from), 0));
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }
  void handshake(const std::string& ca_file, error_code& error) {
    tls_context.load_verify_file(ca_file);
    tls_context.set_verify_mode(asio::ssl::verify_peer);
    tls.emplace(socket, tls_context);
    tls->handshake(asio::ssl::stream_base::client, error);
  }
};

RawClient::RawClient(std::uint16_t port, const std::string& ca_file, const std::string& from)
    : connection_(std::make_unique<Connection>()) {
  connection_->connect(port, from);
  if (ca_file.empty()) return;
  error_code error;
  connection_->handshake(ca_file, error);
  if (error) throw boost::system::system_error(error);
}

RawClient::~RawClient() = default;
RawClient::RawClient(RawClient&&) noexcept = default;
RawClient& RawClient::operator=(RawClient&&) noexcept = default;

void RawClient::say(const std::string& bytes) {
  error_code gone;  // turned away before everything was said
  if (connection_->tls) {
    asio::write(*connection_->tls, asio::buffer(bytes), gone);
  } else {
    asio::write(connection_->socket, asio::buffer(bytes), gone);
  }
}

std::string RawClient::hear(std::size_t size) {
  char bytes[4096];
  while (connection_->heard.size() < size) {
    error_code end;
    const std::size_t got = connection_->tls
                                ? connection_->tls->read_some(asio::buffer(bytes), end)
                                : connection_->socket.read_some(asio::buffer(bytes), end);
    if (got == 0) break;
    connection_->heard.append(bytes, got);
  }
  std::string taken = connection_->heard.substr(0, size);
  connection_->heard.erase(0, size);
  return taken;
}

std::string RawClient::hear_header() {
  std::string header;
  while (!header.ends_with("\r\n\r\n")) {
    const std::string byte = hear(1);
    if (byte.empty()) break;
    header += byte;
  }
  return header;
}

std::string RawClient::hear_reply() {
  std::string reply = hear_header();
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t length = reply.find(kLength);
  if (length == reply.npos) return reply;
  return reply += hear(std::stoul(reply.substr(length + kLength.size())));
}

std::string RawClient::hear_all() { return hear(std::string::npos); }

bool RawClient::has_ended(std::chrono::milliseconds limit) {
  pollfd end{.fd = connection_->socket.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&end, 1, static_cast<int>(limit.count())) > 0;
}

std::string RawClient::certificate() {
  const X509Ptr certificate(SSL_get1_peer_certificate(connection_->tls->native_handle()));
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

bool RawClient::handshakes(std::uint16_t port, const std::string& ca_file, int version) {
  Connection connection;
  connection.connect(port, "127.0.0.1");
  SSL_CTX* native = connection.tls_context.native_handle();
  SSL_CTX_set_security_level(native, 0);  // else TLS 1.1 cannot even be offered
  SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(native, version);
  SSL_CTX_set_max_proto_version(native, version);
  error_code error;
  connection.handshake(ca_file, error);
  return !error;
}

}  // namespace stayd::test
