// SPDX-License-Identifier: Apache-2.0
#include "support/certificates.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace stayd::test {
namespace {

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

template <class T>
T require(T made) {
  if (!made) throw std::runtime_error("OpenSSL");
  return made;
}

std::string contents(const Bio& bio) {
  const char* data = nullptr;
  const long size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return contents(bio);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      require(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str())));
  require(X509_add_ext(certificate, extension.get(), -1) == 1);
}

X509Ptr begin_certificate(EVP_PKEY* key, const char* name, const CertificateOptions& options) {
  X509Ptr certificate(require(X509_new()));
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()),
                  std::chrono::seconds(options.begins).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()),
                  std::chrono::seconds(options.ends).count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  require(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

}  // namespace

PrivateKey new_ec_key() { return PrivateKey(require(EVP_EC_gen("P-256"))); }

PrivateKey new_rsa_key(unsigned bits, unsigned exponent) {
  const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(
      require(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
  const std::unique_ptr<BIGNUM, Freed<BN_free>> e(require(BN_new()));
  require(BN_set_word(e.get(), exponent) == 1);
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_keygen_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1 &&
          EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1 &&
          EVP_PKEY_generate(context.get(), &key) == 1);
  return PrivateKey(key);
}

std::string pem_of(EVP_PKEY* private_key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), private_key, nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  return contents(bio);
}

CertificateAuthority::CertificateAuthority(const char* name) : key_(new_ec_key()) {
  CertificateOptions options;
  options.begins = std::chrono::hours(-24 * 365);
  options.ends = std::chrono::hours(24);
  certificate_ = begin_certificate(key_.get(), name, options);
  X509* self = certificate_.get();
  require(X509_set_issuer_name(self, X509_get_subject_name(self)) == 1);
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(self, key_.get(), EVP_sha256()) != 0);
}

std::string CertificateAuthority::certificate() const { return pem_of(certificate_.get()); }

CertificateAndKey CertificateAuthority::issue(const CertificateOptions& options) const {
  const PrivateKey key = options.rsa ? new_rsa_key() : new_ec_key();
  const X509Ptr leaf = begin_certificate(key.get(), "stayd test", options);
  require(X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get())) == 1);
  add_extension(leaf.get(), certificate_.get(), NID_subject_alt_name, options.names);
  require(X509_sign(leaf.get(), key_.get(), EVP_sha256()) != 0);
  return {pem_of(leaf.get()), pem_of(key.get())};
}

}  // namespace stayd::test
