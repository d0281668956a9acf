// SPDX-License-Identifier: Apache-2.0
// Tokens: nobody's bytes are accepted, and of what the issuer has signed only what says so. If
// the first byte is 's', the rest is header and claims, with a newline between, to be signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "identity/jwt.h"
#include "support/test_issuer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::test::TestIssuer kIssuer;
  static const stayd::KeySet kKeys = *stayd::KeySet::parse(kIssuer.key_set());
  static const stayd::TokenExpectations kExpected{"https://issuer.example", "app"};
  const stayd::TimePoint now(std::chrono::milliseconds(1'770'000'000'000));

  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!bytes.starts_with('s')) {
    if (verify_token(bytes, kKeys, kExpected, now)) std::abort();
    return 0;
  }
  bytes.remove_prefix(1);
  const std::size_t newline = std::min(bytes.find('\n'), bytes.size());
  const std::string_view claims = bytes.substr(std::min(newline + 1, bytes.size()));
  const auto verified =
      verify_token(kIssuer.sign(bytes.substr(0, newline), claims), kKeys, kExpected, now);
  if (!verified) return 0;
  if (verified->claims["iss"] != kExpected.issuer || verified->claims["aud"] != kExpected.audience)
    std::abort();
  return 0;
}
