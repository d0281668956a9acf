// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/escape.h"
#include "base/json.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr int kFewestBits = 2048;
constexpr int kMaxBits = 8192;  // verifying takes time that grows with them
constexpr std::size_t kMaxExponent = 8;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxEndorsements = 64;

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

// The member's text; null if it is not there or no text.
const std::string* text_of(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

// Base64urlUInt (RFC 7518, section 2): in as few bytes as it takes.
Result<Number> number_of(const json& key, const char* name) {
  const std::string* text = text_of(key, name);
  const std::optional<std::string> bytes = text ? decode_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty() || bytes->front() == '\0' || bytes->size() > kMaxBits / 8 + 1)
    return Error{std::string("its \"") + name + "\" is not a base64url number"};
  Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                          static_cast<int>(bytes->size()), nullptr));
  if (!number) return Error{"out of memory"};
  return number;
}

Result<std::shared_ptr<EVP_PKEY>> public_key(const BIGNUM* modulus, const BIGNUM* exponent) {
  const Error failed{"OpenSSL does not take it"};
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
    return failed;
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return failed;
  return std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free);
}

// Checks the purpose that its publisher gives (RFC 7517, sections 4.2 to 4.4).
Result<> check_purpose(const json& key) {
  const std::string* type = text_of(key, "kty");
  if (!type || *type != "RSA") return Error{"not an RSA key"};
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    if (key.contains(secret)) return Error{"a private key, published"};
  if (key.contains("use")) {
    const std::string* use = text_of(key, "use");
    if (!use || *use != "sig") return Error{"not for signatures"};
  }
  if (const auto operations = key.find("key_ops"); operations != key.end()) {
    const bool verifies =
        operations->is_array() &&
        std::find(operations->begin(), operations->end(), "verify") != operations->end();
    if (!verifies) return Error{"not for verifying"};
  }
  if (key.contains("alg")) {
    const std::string* algorithm = text_of(key, "alg");
    if (!algorithm || *algorithm != "RS256") return Error{"not for RS256"};
  }
  return {};
}

Result<std::vector<std::string>> endorsements_of(const json& key) {
  std::vector<std::string> endorsements;
  const auto list = key.find("endorsements");
  if (list == key.end()) return endorsements;
  if (!list->is_array() || list->size() > kMaxEndorsements)
    return Error{"its endorsements are not a short list"};
  for (const json& entry : *list) {
    if (!entry.is_string()) return Error{"an endorsement is not a string"};
    endorsements.push_back(entry.get<std::string>());
  }
  return endorsements;
}

Result<IssuerKey> read_key(const json& object) {
  if (Result<> purpose = check_purpose(object); !purpose) return purpose.error();
  const std::string* id = text_of(object, "kid");
  if (!id || id->empty() || id->size() > kMaxName) return Error{"no fit \"kid\""};
  Result<Number> modulus = number_of(object, "n");
  if (!modulus) return modulus.error();
  Result<Number> exponent = number_of(object, "e");
  if (!exponent) return exponent.error();
  const int bits = BN_num_bits(modulus->get());
  if (bits < kFewestBits || bits > kMaxBits || !BN_is_odd(modulus->get()))
    return Error{"of " + std::to_string(bits) + " bits"};
  if (BN_is_one(exponent->get()) || !BN_is_odd(exponent->get()) ||
      static_cast<std::size_t>(BN_num_bytes(exponent->get())) > kMaxExponent)
    return Error{"its exponent is 1, even or too large"};
  Result<std::vector<std::string>> endorsements = endorsements_of(object);
  if (!endorsements) return endorsements.error();
  auto key = public_key(modulus->get(), exponent->get());
  if (!key) return key.error();
  return IssuerKey{*id, std::move(*key), std::move(*endorsements)};
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view text) {
  const Result<json> document = parse_json(text, {kMax, 8, /*duplicate_members=*/false});
  if (!document) return document.error();
  const auto list = document->is_object() ? document->find("keys") : document->end();
  if (list == document->end() || !list->is_array()) return Error{"no list \"keys\""};
  if (list->size() > kMaxKeys) return Error{"more than " + std::to_string(kMaxKeys) + " keys"};

  std::map<std::string, int> uses_of_name;
  for (const json& object : *list)
    if (const std::string* id = object.is_object() ? text_of(object, "kid") : nullptr)
      ++uses_of_name[*id];

  KeySet set;
  std::size_t place = 0;
  for (const json& object : *list) {
    const std::string* id = object.is_object() ? text_of(object, "kid") : nullptr;
    Result<IssuerKey> key = object.is_object() ? read_key(object) : Error{"no object"};
    if (key && uses_of_name[key->id] > 1) key = Error{"another one has its name"};
    ++place;
    if (key) {
      set.keys_.push_back(std::move(*key));
    } else {
      set.skipped_.push_back("key " + std::to_string(place) +
                             (id ? " (" + escape(*id, 80) + ")" : "") + ": " + key.error().message);
    }
  }
  return set;
}

const IssuerKey* KeySet::find(std::string_view id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [id](const IssuerKey& key) { return key.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace stayd
