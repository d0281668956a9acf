// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stayd {

// Signs tokens that prove who we are (RFC 7521, section 4.2) with PS256 (RFC 7518, section 3.5),
// naming the certificate by its SHA-256 (x5t#S256; RFC 7515, section 4.1.8): what Microsoft's
// identity platform takes instead of a client secret.
class JwtSigner {
 public:
  // Both PEM: the certificate first of its chain, and its RSA key of 2048 bits or more. Errors
  // repeat nothing of them.
  static Result<JwtSigner> parse(std::string_view certificate, std::string_view key);

  // `claims` is an object.
  Result<std::string> sign(const nlohmann::json& claims) const;

 private:
  JwtSigner(std::shared_ptr<EVP_PKEY> key, std::string thumbprint)
      : key_(std::move(key)), thumbprint_(std::move(thumbprint)) {}

  std::shared_ptr<EVP_PKEY> key_;
  std::string thumbprint_;  // in base64url
};

}  // namespace stayd
