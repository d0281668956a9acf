// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace stayd::http {

// Two readers that disagree about where a message ends see different messages in the same bytes
// (RFC 9112, section 11.2). So a message is read only if it can be read in one way only.

// Checks a header's bytes, from the start line on: lines end in CR LF, no field is folded onto a
// second line (RFC 9112, section 5.2), and there is no NUL. If it is not `whole`, more bytes
// follow.
Result<> check_header_bytes(std::string_view header, bool whole);

// Checks that at most one of Content-Length and Transfer-Encoding is there, once, and is a plain
// number, or "chunked" (RFC 9112, section 6).
Result<> check_framing(const Fields& fields, bool http_1_1);

}  // namespace stayd::http
