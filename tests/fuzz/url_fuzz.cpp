// SPDX-License-Identifier: Apache-2.0
// A URL that is taken says the same when it is written and read again; proxies and their
// exceptions are read or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/client/proxy.h"
#include "http/url.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = stayd::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto proxy = http::parse_proxy(text);
  if (proxy) require(proxy->text().find('@') == std::string::npos);
  const http::NoProxy exceptions(text);

  const auto url = http::parse_url(text);
  if (!url) return 0;
  require(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
  require(url->target.find_first_of(std::string_view(" \t\r\n#\\\0", 7)) == std::string::npos);
  require(url->host.find_first_of("@/?#[]%") == std::string::npos);
  const auto again = http::parse_url(url->text());
  require(again && *again == *url);
  exceptions.covers(*url);
  return 0;
}
