// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

// Hand-written, since Boost.URL 1.81 reads some URLs wrongly in a way that matters: it gives host
// 1.2.3.4 and path .evil.example/x for https://1.2.3.4.evil.example/x, and port 34463 for 99999.
namespace stayd::http {

// The destination of a request. Only parse_url() makes one, so that its parts are valid.
struct Url {
  bool secure = true;  // https; else http
  // A name in lower case, a dotted IPv4 address, or an IPv6 address without its brackets.
  // Names of other scripts stay in their ASCII form (RFC 3492), they are not shown as letters.
  std::string host;
  std::uint16_t port = 443;
  std::string target;  // path and query, from the first '/' on; goes on the wire as it is

  bool is_address() const;  // no name: nothing to resolve, and no SNI (RFC 6066, section 3)
  // "host:port", or without the port if it is the scheme's own; what the field Host has.
  std::string authority() const;
  // "https://host:port", likewise: says where without saying what.
  std::string origin() const;
  std::string text() const { return origin() + target; }

  auto operator<=>(const Url&) const = default;
};

inline constexpr std::size_t kMaxUrl = 4096;

// Reads an absolute URL of RFC 3986 strictly: https or http, a host that every resolver and
// every certificate check reads alike, no user, no fragment. Refused are therefore also names of
// which getaddrinfo() would make an address ("127.1", "0x7f000001"), a dot at the end, and
// addresses with a zone. The error names the mistake and repeats nothing of the text, which may
// hold a secret.
Result<Url> parse_url(std::string_view text);

// True if `host` is "localhost" or a loopback address: what is sent there stays on the machine.
bool is_loopback(std::string_view host);

// Leaves unreserved characters (RFC 3986, section 2.3) alone; fit for one segment of a path, for
// a value of a query, and for forms.
std::string percent_encode(std::string_view bytes);

}  // namespace stayd::http
