// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/nonce.h"

#include <openssl/rand.h>

#include "base/base64.h"

namespace stayd::teams {

Result<std::string> new_nonce() {
  std::string bytes(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1)
    return Error{"no random numbers"};
  return {boost::system::in_place_value, base64url(bytes)};
}

}  // namespace stayd::teams
