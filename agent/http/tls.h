// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/url.h"

namespace stayd::http {

// Contexts for TLS 1.2 and 1.3, and nothing older (RFC 8996).
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// For connections to servers: their chain must lead to a certificate that this system trusts, or
// one in `extra_ca_file` (PEM; empty: none).
Result<TlsContext> client_tls(const std::string& extra_ca_file);

// Makes `connection` ask for the server that `url` names, and accept a certificate for that name
// or address only (RFC 6125; wildcards stand for one whole label).
Result<> expect_server(SSL* connection, const Url& url);

struct CertificateFiles {
  std::string certificate;  // PEM: the server's, then those that lead to a trusted one
  std::string key;          // PEM, of a SecretFile
};

// For connections from clients.
Result<TlsContext> server_tls(const CertificateFiles& files);

// Describes why a handshake failed, and why a certificate was not accepted.
std::string tls_failure(const boost::system::error_code& error, SSL* connection);

}  // namespace stayd::http
