// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace stayd::http {

// A proxy that is asked to connect (RFC 9110, section 9.3.6), and what it is told about us.
struct Proxy {
  std::string host;
  std::uint16_t port = 80;
  std::string authorization;  // the value of Proxy-Authorization; secret; empty: none

  std::string text() const;  // "host:port", never the authorization
};

// Reads "http://user:password@host:port", of which all but the host may be left out. User and
// password are percent-encoded. A proxy that is spoken to in TLS is not supported. The error
// repeats nothing of the text.
Result<Proxy> parse_proxy(std::string_view text);

// The hosts that are reached without the proxy: comma-separated names (which stand for their
// subdomains, too, with or without a leading dot), addresses, networks such as 10.0.0.0/8, each
// perhaps with a ":port"; or "*" for all. Loopback never goes to a proxy.
class NoProxy {
 public:
  NoProxy() = default;
  explicit NoProxy(std::string_view list);
  bool covers(const Url& url) const;

 private:
  struct Entry {
    std::string name;                   // or address, or network
    std::optional<std::uint16_t> port;  // none: any
  };
  static bool matches(const Entry& entry, const Url& url);

  std::vector<Entry> entries_;
};

// The rules by which a request goes through a proxy. Plain http also goes through CONNECT.
struct ProxyRules {
  std::optional<Proxy> https;
  std::optional<Proxy> http;
  NoProxy exceptions;

  const Proxy* proxy_for(const Url& url) const;

  // No proxy at all.
  ProxyRules() = default;
  // One proxy for everything but the `exceptions`.
  ProxyRules(Proxy proxy, NoProxy exceptions);
};

// From the variables that other programs know: https_proxy, http_proxy, no_proxy, and in upper
// case. Lower case goes first; an empty one is as good as none. `variable` returns a variable's
// value or null, as getenv() does.
Result<ProxyRules> proxy_from_environment(const std::function<const char*(const char*)>& variable);

}  // namespace stayd::http
