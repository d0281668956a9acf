// SPDX-License-Identifier: Apache-2.0
// What issuers publish and answer: keys, metadata, tokens.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "identity/key_fetch.h"
#include "identity/token_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto set = stayd::KeySet::parse(bytes)) {
    if (set->keys().size() + set->skipped().size() > stayd::KeySet::kMaxKeys) std::abort();
    for (const stayd::IssuerKey& key : set->keys())
      if (set->find(key.id) != &key) std::abort();
  }
  static const stayd::KeyLocation kLocation{
      *stayd::http::parse_url("https://login.example/metadata"), "", {"keys.example"}};
  if (const auto where = stayd::parse_metadata(bytes, kLocation)) {
    if (!where->secure || (where->host != "login.example" && where->host != "keys.example"))
      std::abort();
  }
  (void)stayd::parse_token(200, bytes);
  (void)stayd::parse_token(400, bytes);
  return 0;
}
