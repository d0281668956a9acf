// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "identity/key_set.h"

namespace stayd {

// The checks of a token, in the order in which they are made.
enum class TokenCheck {
  size,         // at most kMaxToken bytes
  form,         // three parts
  encoding,     // each in strict base64url
  json,         // header and claims: objects, no member twice, not nested deeply
  type,         // "typ" is JWT, if it is there
  algorithm,    // "alg" is RS256: never "none", nor one that would take the key for a secret
  critical,     // no "crit": an extension that must be understood is not
  key_id,       // "kid" is there
  unknown_key,  // the issuer has a key of that name
  signature,
  issuer,    // "iss" is exactly the one expected
  audience,  // "aud" is exactly the one expected, and no list
  expiry,    // "exp" is a whole number and not past
  begin,     // "nbf" is a whole number and not ahead
  claims,    // the others of RFC 7519, section 4.1, are of their type if they are there
  no_keys,   // the issuer's keys could not be had; not of verify_token()
};

std::string_view name_of(TokenCheck check);

// The reason why a token is not accepted; for logs and tests, not for the sender. It repeats
// nothing of the token.
struct TokenFailure {
  TokenCheck check{};
  std::string message;
};

struct TokenExpectations {
  std::string issuer;                                   // not empty
  std::string audience;                                 // not empty
  std::chrono::seconds skew = std::chrono::minutes(5);  // between the issuer's clock and ours
};

// The claims of a token whose issuer's signature was verified.
struct VerifiedToken {
  nlohmann::json claims;  // an object; "iss", "aud", "exp" and "nbf" are as they must be
  std::string key_id;
  std::vector<std::string> endorsements;  // of the key
};

inline constexpr std::size_t kMaxToken = 16 * 1024;

using TokenResult = boost::system::result<VerifiedToken, TokenFailure>;

// Checks a JSON Web Token (RFC 7519) that is signed with RS256 (RFC 7515; RFC 8725 for what to
// be strict about). Keys that the token brings along or points to (jku, jwk, x5u, x5c) count for
// nothing. It says who signed what, not that the sender of a message is who it names.
TokenResult verify_token(std::string_view token, const KeySet& keys,
                         const TokenExpectations& expected, TimePoint now);

}  // namespace stayd
