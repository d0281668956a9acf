// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/secret_file.h"
#include "base/time.h"
#include "http/tls.h"
#include "http/url.h"

namespace stayd {

// Our identity at an OAuth 2.0 token endpoint (RFC 6749, section 4.4), and the scope that we ask
// for.
struct ClientCredentials {
  http::Url token_endpoint;
  std::string client_id;
  std::string scope;
  // A secret, or the certificate and key of a JwtSigner. Both are read anew for each request.
  std::variant<SecretFile, http::CertificateFiles> proof;
};

struct IssuedToken {
  std::string value;  // fit for a field's value: "Bearer " + value
  std::chrono::seconds life{0};
};

// The form to send. `nonce` must be a new one each time; it makes the assertion's "jti".
Result<std::string> token_request(const ClientCredentials& credentials, std::string_view nonce,
                                  TimePoint now);

// Reads the answer to it. Errors name Microsoft's code and what to do about it, if that is known,
// and repeat nothing else that the endpoint says: it may hold identifiers.
Result<IssuedToken> parse_token(unsigned status, std::string_view body);

}  // namespace stayd
