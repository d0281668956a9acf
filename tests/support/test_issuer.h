// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "support/certificates.h"

namespace stayd::test {

// Signs tokens as an issuer does, and as none should.
class TestIssuer {
 public:
  explicit TestIssuer(std::string key_id = "k1", unsigned bits = 2048, unsigned exponent = 65537)
      : key_id_(std::move(key_id)), key_(new_rsa_key(bits, exponent)) {}

  const std::string& key_id() const { return key_id_; }
  EVP_PKEY* key() const { return key_.get(); }

  // Its public key as RFC 7517 has it, and a set of it alone.
  nlohmann::json jwk() const;
  std::string key_set() const { return nlohmann::json{{"keys", {jwk()}}}.dump(); }

  // RS256 over these texts, be they JSON or not.
  std::string sign(std::string_view header, std::string_view claims) const;
  std::string sign(const nlohmann::json& claims) const;  // with the usual header
  // Encodes bytes.
  std::string signature(std::string_view bytes) const;

 private:
  std::string key_id_;
  PrivateKey key_;
};

}  // namespace stayd::test
