// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/result.h"

// Signatures of the record: Ed25519 (RFC 8032), by OpenSSL. Pure.
namespace stayd::audit {

class PublicKey {
 public:
  explicit PublicKey(std::shared_ptr<EVP_PKEY> key);

  // The first 32 hex digits of SHA-256 over the DER form (RFC 8410, SubjectPublicKeyInfo):
  // openssl pkey -pubin -outform DER -in record.pub | sha256sum
  const std::string& id() const { return id_; }
  std::string pem() const;
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::string id_;
};

// Every public key in the text, one after another. Errors: none, or one that is not Ed25519.
Result<std::vector<PublicKey>> public_keys(std::string_view pem);

class SigningKey {
 public:
  static Result<SigningKey> generate();
  static Result<SigningKey> from_pem(std::string_view pem);  // PKCS #8, not encrypted

  std::string pem() const;  // secret
  PublicKey public_key() const { return PublicKey(key_); }
  Result<std::string> sign(std::string_view message) const;  // 64 bytes
  // 32 secret bytes for another purpose; different for each, and say nothing of the key.
  std::string derived(std::string_view purpose) const;

 private:
  explicit SigningKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}
  std::shared_ptr<EVP_PKEY> key_;
};

// The signature line that follows `head`: `key` is the id, `sig`, at the very end, 128 hex digits
// over "stayd record signature 1\n" and the line's bytes before `,"sig":`.
Result<std::string> signature_text(const Head& head, const std::string& time,
                                   const SigningKey& key);

struct Signature {
  std::string key;  // id
  std::string bytes;
  std::string_view message;  // what is signed, without the domain
};

// Reads a line whose event is "signature". Error: it is not a valid signature line.
Result<Signature> parse_signature(const Line& line);
bool verifies(const Signature& signature, const PublicKey& key);

}  // namespace stayd::audit
