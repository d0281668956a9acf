// SPDX-License-Identifier: Apache-2.0
#include "support/test_issuer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <stdexcept>

#include "base/base64.h"

namespace stayd::test {
namespace {

std::string number(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) throw std::runtime_error(name);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(value);
  return base64url(bytes);
}

}  // namespace

nlohmann::json TestIssuer::jwk() const {
  return {{"kty", "RSA"},
          {"use", "sig"},
          {"kid", key_id_},
          {"n", number(key_.get(), OSSL_PKEY_PARAM_RSA_N)},
          {"e", number(key_.get(), OSSL_PKEY_PARAM_RSA_E)}};
}

std::string TestIssuer::signature(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string result(size, '\0');
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(result.data()), &size,
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1)
    throw std::runtime_error("sign");
  result.resize(size);
  return result;
}

std::string TestIssuer::sign(std::string_view header, std::string_view claims) const {
  const std::string bytes = base64url(header) + "." + base64url(claims);
  return bytes + "." + base64url(signature(bytes));
}

std::string TestIssuer::sign(const nlohmann::json& claims) const {
  const nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key_id_}};
  return sign(header.dump(), claims.dump());
}

}  // namespace stayd::test
