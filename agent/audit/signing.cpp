// SPDX-License-Identifier: Apache-2.0
#include "audit/signing.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/hex.h"
#include "base/json.h"

namespace stayd::audit {
namespace {

constexpr std::string_view kSignatureDomain = "stayd record signature 1\n";
constexpr std::string_view kSignatureMember = R"(,"sig":")";
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kIdDigits = 32;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

Bio reader(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all};
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool is_ed25519(const std::shared_ptr<EVP_PKEY>& key) {
  return key && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519;
}

// Nobody is there to be asked.
int no_password(char*, int, int, void*) { return -1; }

std::string signed_message(std::string_view message) {
  return std::string(kSignatureDomain) + std::string(message);
}

}  // namespace

PublicKey::PublicKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {
  const Bio der(BIO_new(BIO_s_mem()), BIO_free_all);
  if (der && i2d_PUBKEY_bio(der.get(), key_.get()) == 1)
    id_ = sha256_hex(text_of(der)).substr(0, kIdDigits);
}

std::string PublicKey::pem() const {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free_all);
  return out && PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1 ? text_of(out) : std::string();
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool valid =
      context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                       message.size()) == 1;
  ERR_clear_error();
  return valid;
}

Result<std::vector<PublicKey>> public_keys(std::string_view pem) {
  std::vector<PublicKey> keys;
  const Bio in = reader(pem);
  while (EVP_PKEY* next =
             in ? PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr) : nullptr) {
    std::shared_ptr<EVP_PKEY> key = owned(next);
    if (!is_ed25519(key)) return Error{"a public key is not an Ed25519 key"};
    keys.emplace_back(std::move(key));
  }
  ERR_clear_error();
  if (keys.empty()) return Error{"it holds no public key (PEM)"};
  return {boost::system::in_place_value, std::move(keys)};
}

Result<SigningKey> SigningKey::generate() {
  std::shared_ptr<EVP_PKEY> key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return Error{"an Ed25519 key cannot be made"};
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const Bio in = reader(pem);
  std::shared_ptr<EVP_PKEY> key =
      owned(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr) : nullptr);
  ERR_clear_error();
  if (!is_ed25519(key)) return Error{"it holds no private Ed25519 key (PEM, PKCS #8, unencrypted)"};
  return SigningKey(std::move(key));
}

std::string SigningKey::pem() const {
  const Bio out(BIO_new(BIO_s_secmem()), BIO_free_all);
  const bool written = out && PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr,
                                                            0, nullptr, nullptr) == 1;
  return written ? text_of(out) : std::string();
}

Result<std::string> SigningKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  std::size_t size = signature.size();
  const bool made =
      context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(message), message.size()) == 1;
  ERR_clear_error();
  if (!made || size != signature.size()) return Error{"the record's head cannot be signed"};
  return {boost::system::in_place_value, std::move(signature)};
}

std::string SigningKey::derived(std::string_view purpose) const {
  std::array<unsigned char, kKeySize> secret{};
  std::size_t size = secret.size();
  if (EVP_PKEY_get_raw_private_key(key_.get(), secret.data(), &size) != 1) return {};
  const std::string_view bytes(reinterpret_cast<const char*>(secret.data()), secret.size());
  std::string derived = hmac_sha256(bytes, purpose);
  OPENSSL_cleanse(secret.data(), secret.size());
  return derived;
}

Result<std::string> signature_text(const Head& head, const std::string& time,
                                   const SigningKey& key) {
  // Made by hand, since the order of its members is part of what is signed.
  const std::string message = R"({"seq":)" + std::to_string(head.number + 1) + R"(,"prev":")" +
                              head.hash + R"(","time":")" + time +
                              R"(","event":"signature","key":")" + key.public_key().id() + "\"";
  const Result<std::string> signature = key.sign(signed_message(message));
  if (!signature) return signature.error();
  return {boost::system::in_place_value,
          message + std::string(kSignatureMember) + hex(*signature) + "\"}"};
}

Result<Signature> parse_signature(const Line& line) {
  const Error none{"it is not a signature"};
  const std::size_t at = line.text.rfind(kSignatureMember);
  if (at == line.text.npos) return none;
  std::string_view digits = line.text.substr(at + kSignatureMember.size());
  if (digits.size() != 2 * kSignatureSize + 2 || !digits.ends_with("\"}")) return none;
  digits.remove_suffix(2);
  const std::optional<std::string> bytes = from_hex(digits);
  const Result<nlohmann::json> members = parse_json(line.text);
  if (!bytes || !members || !members->is_object()) return none;
  const auto key = members->find("key");
  if (key == members->end() || !key->is_string()) return none;
  return Signature{key->get<std::string>(), *bytes, line.text.substr(0, at)};
}

bool verifies(const Signature& signature, const PublicKey& key) {
  return key.verifies(signed_message(signature.message), signature.bytes);
}

}  // namespace stayd::audit
