// SPDX-License-Identifier: Apache-2.0
#include "store/sealed.h"

#include "base/digest.h"

namespace stayd {
namespace {

constexpr std::size_t kDigits = 16;

std::string digits_of(std::string_view body) { return sha256_hex(body).substr(0, kDigits); }

}  // namespace

std::string seal(std::string_view body) { return digits_of(body) += body; }

Result<std::string_view> unseal(std::string_view sealed) {
  if (sealed.size() < kDigits || sealed.substr(0, kDigits) != digits_of(sealed.substr(kDigits)))
    return Error{
        "its bytes are not those that were written: the database is damaged; restore a "
        "copy, or set it aside to begin anew (docs/operate/store.md)"};
  return sealed.substr(kDigits);
}

}  // namespace stayd
