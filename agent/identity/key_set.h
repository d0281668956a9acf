// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd {

// One key with which an issuer signs tokens: RSA, from 2048 to 8192 bits, its public half.
struct IssuerKey {
  std::string id;  // "kid"; foreign bytes
  std::shared_ptr<EVP_PKEY> key;
  // The channels this key may speak for, as the Bot Framework publishes them; others have none.
  std::vector<std::string> endorsements;
};

// An issuer's keys: a JSON Web Key Set (RFC 7517, section 5). A value, safe to share.
class KeySet {
 public:
  static constexpr std::size_t kMaxKeys = 64;
  static constexpr std::size_t kMax = 256 * 1024;  // bytes of JSON

  // Anything that is not a key set, has more keys, or is larger, is an error. A key that cannot
  // verify RS256 signatures is skipped, for a reason that skipped() tells: another kind or use, too
  // short, no name, a private one (which is not secret any more), a number that is not in its one
  // form (RFC 7518, section 6.3.1), or a name that another key has, too.
  static Result<KeySet> parse(std::string_view json);

  // Null: none. Valid as long as the set.
  const IssuerKey* find(std::string_view id) const;

  const std::vector<IssuerKey>& keys() const { return keys_; }
  const std::vector<std::string>& skipped() const { return skipped_; }  // fit to be shown

 private:
  std::vector<IssuerKey> keys_;
  std::vector<std::string> skipped_;
};

}  // namespace stayd
