// SPDX-License-Identifier: Apache-2.0
#include "identity/jwt.h"

#include <openssl/evp.h>

#include <array>
#include <boost/beast/core/string.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/json.h"

namespace stayd {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using Checked = boost::system::result<void, TokenFailure>;

// header '.' claims '.' signature, as they are on the wire.
using Parts = std::array<std::string_view, 3>;

TokenFailure failed(TokenCheck check, std::string message) { return {check, std::move(message)}; }

boost::system::result<Parts, TokenFailure> split(std::string_view token) {
  if (token.size() > kMaxToken) return failed(TokenCheck::size, "too large");
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos)
    return failed(TokenCheck::form, "not three parts");
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1)};
}

boost::system::result<json, TokenFailure> object_of(std::string_view part) {
  const std::optional<std::string> text = decode_base64url(part);
  if (!text) return failed(TokenCheck::encoding, "a part is not in base64url");
  Result<json> value = parse_json(*text, {kMaxToken, 16, /*duplicate_members=*/false});
  if (!value) return failed(TokenCheck::json, value.error().message);
  if (!value->is_object()) return failed(TokenCheck::json, "a part is not a JSON object");
  return {boost::system::in_place_value, std::move(*value)};
}

const std::string* text_of(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

Checked check_header(const json& header) {
  if (header.contains("typ")) {
    // RFC 8725, section 3.11: tokens of another kind name it here. Case does not count
    // (RFC 7519, section 5.1).
    const std::string* type = text_of(header, "typ");
    if (!type || !boost::beast::iequals(*type, "JWT"))
      return failed(TokenCheck::type, "\"typ\" is not JWT");
  }
  const std::string* algorithm = text_of(header, "alg");
  if (!algorithm || *algorithm != "RS256")
    return failed(TokenCheck::algorithm, "\"alg\" is not RS256");
  if (header.contains("crit"))
    return failed(TokenCheck::critical, "\"crit\" asks for an extension");
  const std::string* key_id = text_of(header, "kid");
  if (!key_id || key_id->empty()) return failed(TokenCheck::key_id, "no \"kid\"");
  return {};
}

bool is_signed(std::string_view bytes, std::string_view signature, EVP_PKEY* key) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

// A NumericDate (RFC 7519, section 2), of which we take whole numbers only, up to the year 9999.
std::optional<std::int64_t> date_of(const json& claims, const char* name) {
  constexpr std::int64_t kLast = 253'402'300'799;
  const auto member = claims.find(name);
  if (member == claims.end() || !member->is_number_integer()) return std::nullopt;
  if (member->is_number_unsigned() && member->get<std::uint64_t>() > std::uint64_t{kLast})
    return std::nullopt;
  const auto value = member->get<std::int64_t>();
  if (value < 0 || value > kLast) return std::nullopt;
  return value;
}

Checked check_claims(const json& claims, const TokenExpectations& expected, TimePoint now) {
  const std::string* issuer = text_of(claims, "iss");
  if (!issuer || issuer->empty() || *issuer != expected.issuer)
    return failed(TokenCheck::issuer, "\"iss\" is not the issuer expected");
  const std::string* audience = text_of(claims, "aud");
  if (!audience || audience->empty() || *audience != expected.audience)
    return failed(TokenCheck::audience, "\"aud\" is not the audience expected");
  const std::int64_t time = std::chrono::floor<seconds>(now).time_since_epoch().count();
  const std::optional<std::int64_t> expiry = date_of(claims, "exp");
  if (!expiry) return failed(TokenCheck::expiry, "\"exp\" is not a whole number");
  if (time >= *expiry + expected.skew.count()) return failed(TokenCheck::expiry, "expired");
  const std::optional<std::int64_t> begin = date_of(claims, "nbf");
  if (!begin) return failed(TokenCheck::begin, "\"nbf\" is not a whole number");
  if (time < *begin - expected.skew.count()) return failed(TokenCheck::begin, "not valid yet");
  for (const char* name : {"sub", "jti"})
    if (claims.contains(name) && !text_of(claims, name))
      return failed(TokenCheck::claims, std::string("\"") + name + "\" is not a string");
  if (claims.contains("iat") && !claims["iat"].is_number())
    return failed(TokenCheck::claims, "\"iat\" is not a number");
  return {};
}

}  // namespace

std::string_view name_of(TokenCheck check) {
  constexpr std::string_view kNames[] = {"size",        "form",      "encoding", "json",
                                         "type",        "algorithm", "critical", "key_id",
                                         "unknown_key", "signature", "issuer",   "audience",
                                         "expiry",      "begin",     "claims",   "no_keys"};
  return kNames[static_cast<std::size_t>(check)];
}

TokenResult verify_token(std::string_view token, const KeySet& keys,
                         const TokenExpectations& expected, TimePoint now) {
  const auto parts = split(token);
  if (!parts) return parts.error();
  const auto [header_part, claims_part, signature_part] = *parts;
  auto header = object_of(header_part);
  if (!header) return header.error();
  auto claims = object_of(claims_part);
  if (!claims) return claims.error();
  const std::optional<std::string> signature = decode_base64url(signature_part);
  if (!signature) return failed(TokenCheck::encoding, "a part is not in base64url");

  if (Checked checked = check_header(*header); !checked) return checked.error();
  const IssuerKey* key = keys.find(*text_of(*header, "kid"));
  if (!key) return failed(TokenCheck::unknown_key, "the issuer has no key of that \"kid\"");
  const std::string_view signed_bytes =
      token.substr(0, header_part.size() + 1 + claims_part.size());
  if (!is_signed(signed_bytes, *signature, key->key.get()))
    return failed(TokenCheck::signature, "the signature is not the issuer's");
  if (Checked checked = check_claims(*claims, expected, now); !checked) return checked.error();
  return VerifiedToken{std::move(*claims), key->id, key->endorsements};
}

}  // namespace stayd
