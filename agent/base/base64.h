// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stayd {

// RFC 4648, section 4: the usual alphabet, padded.
std::string base64(std::string_view bytes);

// RFC 4648, section 5, without padding, as JSON Web Tokens have it (RFC 7515, section 2).
std::string base64url(std::string_view bytes);

// Decodes what base64url() made, and nothing else: any other character, padding, a length that no
// bytes give, or bits set that belong to no byte are refused, so that each text stands for bytes of
// its own and each bytes for one text.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace stayd
