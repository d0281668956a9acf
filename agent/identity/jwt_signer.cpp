// SPDX-License-Identifier: Apache-2.0
#include "identity/jwt_signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "base/json.h"

namespace stayd {
namespace {

constexpr int kFewestBits = 2048;

std::shared_ptr<BIO> reader_of(std::string_view bytes) {
  return {BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), BIO_free_all};
}

// A key that wants a passphrase is an error, not a question on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<JwtSigner> JwtSigner::parse(std::string_view certificate, std::string_view key) {
  const std::shared_ptr<BIO> certificate_in = reader_of(certificate);
  const std::shared_ptr<X509> x509(
      PEM_read_bio_X509(certificate_in.get(), nullptr, no_passphrase, nullptr), X509_free);
  if (!x509) return Error{"not a certificate in PEM"};
  const std::shared_ptr<BIO> key_in = reader_of(key);
  std::shared_ptr<EVP_PKEY> secret(
      PEM_read_bio_PrivateKey(key_in.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (!secret) return Error{"not a private key in PEM, or one that wants a passphrase"};
  if (EVP_PKEY_get_base_id(secret.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(secret.get()) < kFewestBits)
    return Error{"not an RSA key of " + std::to_string(kFewestBits) + " bits or more"};
  if (X509_check_private_key(x509.get(), secret.get()) != 1)
    return Error{"not the key of the certificate"};

  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(x509.get(), EVP_sha256(), digest, &size) != 1)
    return Error{"OpenSSL cannot hash the certificate"};
  return JwtSigner(std::move(secret), base64url({reinterpret_cast<const char*>(digest), size}));
}

Result<std::string> JwtSigner::sign(const nlohmann::json& claims) const {
  const nlohmann::json header = {{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", thumbprint_}};
  std::string token = base64url(dump(header)) + "." + base64url(dump(claims));

  const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;  // the context's
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string signature(size, '\0');
  if (!context ||
      EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(token.data()), token.size()) != 1)
    return Error{"OpenSSL cannot sign"};
  signature.resize(size);
  token += "." + base64url(signature);
  return {boost::system::in_place_value, std::move(token)};
}

}  // namespace stayd
