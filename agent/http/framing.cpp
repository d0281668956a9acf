// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>

namespace stayd::http {

Result<> check_header_bytes(std::string_view header, bool whole) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '\0') return Error{"a NUL in the header"};
    if (c == '\n') return Error{"a line of the header that does not end in CR LF"};
    if (c != '\r') continue;
    if (i + 1 == header.size() && !whole) break;
    if (i + 1 == header.size() || header[i + 1] != '\n')
      return Error{"a CR in the header without an LF after it"};
    ++i;
    if (i + 1 < header.size() && (header[i + 1] == ' ' || header[i + 1] == '\t'))
      return Error{"a field of the header that is folded onto a second line"};
  }
  return {};
}

Result<> check_framing(const Fields& fields, bool http_1_1) {
  const std::size_t lengths = fields.count(field::content_length);
  const std::size_t encodings = fields.count(field::transfer_encoding);
  if (lengths + encodings > 1) return Error{"more than one field that says how long the body is"};
  if (encodings == 1) {
    if (!http_1_1) return Error{"Transfer-Encoding in a message older than HTTP/1.1"};
    if (!boost::beast::iequals(fields[field::transfer_encoding], "chunked"))
      return Error{"a Transfer-Encoding other than chunked"};
  }
  if (lengths == 1) {
    const auto digits = fields[field::content_length];
    if (digits.empty() ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return Error{"a Content-Length that is not a number"};
  }
  return {};
}

}  // namespace stayd::http
