// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>

namespace stayd::test {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;

// A new key; making one of RSA takes a while.
PrivateKey new_ec_key();
PrivateKey new_rsa_key(unsigned bits = 2048, unsigned exponent = 65537);
std::string pem_of(EVP_PKEY* private_key);

struct CertificateOptions {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // as in openssl's subjectAltName
  std::chrono::hours begins{-1};                     // from now
  std::chrono::hours ends{1};
  bool rsa = false;
};

// Both PEM.
struct CertificateAndKey {
  std::string certificate;
  std::string key;
};

// An authority of the test's own.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const char* name = "test authority");
  std::string certificate() const;
  CertificateAndKey issue(const CertificateOptions& options = {}) const;

 private:
  PrivateKey key_;
  X509Ptr certificate_;
};

}  // namespace stayd::test
