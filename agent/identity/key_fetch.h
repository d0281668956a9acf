// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client/client.h"
#include "http/url.h"
#include "identity/key_set.h"

namespace stayd {

// The location of an issuer's keys: OpenID Connect Discovery 1.0, sections 3 and 4.
struct KeyLocation {
  http::Url metadata;  // https
  // That the metadata must name ("issuer"); empty: not compared.
  std::string issuer;
  // Hosts that may have the keys ("jwks_uri"), besides the metadata's own. Whoever could point
  // the metadata anywhere could otherwise make us believe their keys, or fetch from within.
  std::vector<std::string> key_hosts;
};

// Returns the location of the keys by the metadata, if that is https and on one of the hosts, on
// its usual port or the metadata's.
Result<http::Url> parse_metadata(std::string_view json, const KeyLocation& location);

// Fetches the metadata, then the keys. Redirects are errors. `client` must live until the end.
boost::asio::awaitable<Result<KeySet>> fetch_keys(http::Client& client, KeyLocation location);

}  // namespace stayd
