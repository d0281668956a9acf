// SPDX-License-Identifier: Apache-2.0
#include "identity/jwt_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "support/certificates.h"

namespace stayd {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const test::CertificateAndKey& ours() {
  static const test::CertificateAndKey kOurs = test::CertificateAuthority().issue({.rsa = true});
  return kOurs;
}

test::X509Ptr read_certificate(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  test::X509Ptr certificate(PEM_read_bio_X509(in, nullptr, nullptr, nullptr));
  BIO_free(in);
  return certificate;
}

// RFC 7518, section 3.5: PSS with SHA-256 for both hashes and a salt of that length.
bool is_ps256(std::string_view bytes, std::string_view signature, EVP_PKEY* key) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  const bool good =
      EVP_DigestVerifyInit(context, &options, EVP_sha256(), nullptr, key) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
      EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) == 1 &&
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

std::string mistake(std::string_view certificate, std::string_view key) {
  const Result<JwtSigner> signer = JwtSigner::parse(certificate, key);
  return signer ? "none" : signer.error().message;
}

TEST(JwtSigner, SignsAndNamesTheCertificate) {
  const Result<JwtSigner> signer = JwtSigner::parse(ours().certificate, ours().key);
  ASSERT_TRUE(signer) << signer.error().message;
  const json claims = {{"iss", "app"}, {"exp", 1}};
  const std::string token = *signer->sign(claims);
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');

  const json header = json::parse(*decode_base64url(token.substr(0, first)));
  const test::X509Ptr certificate = read_certificate(ours().certificate);
  unsigned char digest[32];
  X509_digest(certificate.get(), EVP_sha256(), digest, nullptr);
  EXPECT_EQ(header, (json{{"alg", "PS256"},
                          {"typ", "JWT"},
                          {"x5t#S256", base64url({reinterpret_cast<char*>(digest), 32})}}));
  EXPECT_EQ(json::parse(*decode_base64url(token.substr(first + 1, second - first - 1))), claims);
  EXPECT_TRUE(is_ps256(token.substr(0, second), *decode_base64url(token.substr(second + 1)),
                       X509_get0_pubkey(certificate.get())));
}

TEST(JwtSigner, TakesTheFirstCertificateOfAChain) {
  const test::CertificateAuthority authority;
  const auto leaf = authority.issue({.rsa = true});
  const auto alone = JwtSigner::parse(leaf.certificate, leaf.key);
  const auto chain = JwtSigner::parse(leaf.certificate + authority.certificate(), leaf.key);
  ASSERT_TRUE(alone && chain);
  const auto header = [](const Result<std::string>& token) {
    return token->substr(0, token->find('.'));
  };
  EXPECT_EQ(header(alone->sign(json::object())), header(chain->sign(json::object())));
}

TEST(JwtSigner, RefusesWhatCannotSign) {
  const auto other = test::CertificateAuthority().issue({.rsa = true});
  const auto elliptic = test::CertificateAuthority().issue();
  const std::string weak = test::pem_of(test::new_rsa_key(1024).get());
  EXPECT_EQ(mistake(ours().certificate, other.key), "not the key of the certificate");
  EXPECT_EQ(mistake(elliptic.certificate, elliptic.key), "not an RSA key of 2048 bits or more");
  EXPECT_EQ(mistake(ours().certificate, weak), "not an RSA key of 2048 bits or more");
  EXPECT_EQ(mistake("nonsense", ours().key), "not a certificate in PEM");
  EXPECT_EQ(mistake("", ""), "not a certificate in PEM");
  EXPECT_THAT(mistake(ours().certificate, ours().certificate), HasSubstr("not a private key"));
}

TEST(JwtSigner, AKeyWithAPassphraseIsAnErrorAndNoQuestion) {
  BIO* in = BIO_new_mem_buf(ours().key.data(), static_cast<int>(ours().key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), "pass", 4, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  EXPECT_THAT(mistake(ours().certificate, {data, static_cast<std::size_t>(size)}),
              HasSubstr("one that wants a passphrase"));
  BIO_free(in);
  BIO_free(out);
  EVP_PKEY_free(key);
}

}  // namespace
}  // namespace stayd
