// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <utility>

#include "base/regular_file.h"
#include "base/secret_file.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

constexpr std::size_t kMaxChain = 1024 * 1024;
// ALPN's name of the only version spoken here (RFC 7301, section 3.1).
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Result<TlsContext> modern(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* native = context->native_handle();
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1)
    return Error{"this OpenSSL has no TLS 1.2"};
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return context;
}

Error failed(const std::string& path, const error_code& error) {
  return Error{path + ": " + error.message()};
}

}  // namespace

Result<TlsContext> client_tls(const std::string& extra_ca_file) {
  Result<TlsContext> context = modern(ssl::context::tls_client);
  if (!context) return context;
  error_code error;
  (*context)->set_verify_mode(ssl::verify_peer, error);
  if (!error) (*context)->set_default_verify_paths(error);
  if (error) return failed("the system's trusted certificates", error);
  if (!extra_ca_file.empty()) (*context)->load_verify_file(extra_ca_file, error);
  if (error) return failed(extra_ca_file, error);
  return context;
}

Result<> expect_server(SSL* connection, const Url& url) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool set = SSL_set_alpn_protos(connection, kHttp11, sizeof kHttp11) == 0;
  if (url.is_address()) {
    set = set && X509_VERIFY_PARAM_set1_ip_asc(wanted, url.host.c_str()) == 1;
  } else {
    set = set && X509_VERIFY_PARAM_set1_host(wanted, url.host.c_str(), url.host.size()) == 1 &&
          // This is SSL_set_tlsext_host_name() without its C cast.
          SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   std::string(url.host).data()) == 1;
  }
  if (!set) return Error{"TLS: cannot ask for " + url.host};
  return {};
}

Result<TlsContext> server_tls(const CertificateFiles& files) {
  Result<TlsContext> context = modern(ssl::context::tls_server);
  if (!context) return context;
  Result<std::string> chain = read_regular_file(files.certificate, kMaxChain);
  if (!chain) return chain.error();
  Result<std::string> key = SecretFile(files.key).read();
  if (!key) return key.error();
  error_code error;
  (*context)->use_certificate_chain(asio::buffer(*chain), error);
  if (error) return failed(files.certificate, error);
  (*context)->use_private_key(asio::buffer(*key), ssl::context::pem, error);
  if (error) return failed(files.key, error);  // also if it is not this certificate's
  return context;
}

std::string tls_failure(const error_code& error, SSL* connection) {
  const long verdict = SSL_get_verify_result(connection);
  if (verdict != X509_V_OK)
    return std::string("certificate not accepted: ") + X509_verify_cert_error_string(verdict);
  if (error == asio::error::eof || error == ssl::error::stream_truncated)
    return "the other side hung up";
  return error.message();
}

}  // namespace stayd::http
