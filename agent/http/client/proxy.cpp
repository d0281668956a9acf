// SPDX-License-Identifier: Apache-2.0
#include "http/client/proxy.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <utility>

#include "base/base64.h"

namespace stayd::http {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

template <class Number>
std::optional<Number> number(std::string_view digits, int base = 10) {
  Number value{};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.front() != '%') {
      bytes += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const auto value = number<std::uint8_t>(text.substr(1, 2), 16);
    if (!value) return std::nullopt;
    bytes += static_cast<char>(*value);
    text.remove_prefix(3);
  }
  return bytes;
}

// v4-mapped addresses count as what they map.
ip::address normal(ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

bool network_has(const std::string& network, const ip::address& address) {
  error_code error;
  if (address.is_v4()) {
    const ip::network_v4 net = ip::make_network_v4(network, error);
    return !error && ip::network_v4(address.to_v4(), net.prefix_length()).network() ==
                         net.canonical().network();
  }
  const ip::network_v6 net = ip::make_network_v6(network, error);
  return !error && ip::network_v6(address.to_v6(), net.prefix_length()).network() ==
                       net.canonical().network();
}

}  // namespace

std::string Proxy::text() const {
  return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<Proxy> parse_proxy(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://"))
    return Error{"a proxy that is spoken to in TLS is not supported"};
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  if (text.find("://") != text.npos) return Error{"a proxy must be http://host:port"};

  Proxy proxy;
  if (const std::size_t at = text.rfind('@'); at != text.npos) {
    const std::optional<std::string> user = percent_decode(text.substr(0, at));
    if (!user) return Error{"the proxy's user or password is not percent-encoded as it should be"};
    const bool password = text.substr(0, at).find(':') != text.npos;
    proxy.authorization = "Basic " + base64(password ? *user : *user + ":");  // RFC 7617
    text.remove_prefix(at + 1);
  }
  const Result<Url> url = parse_url(std::string(kScheme) + std::string(text));
  if (!url || url->target != "/") return Error{"a proxy must be http://host:port"};
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

NoProxy::NoProxy(std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view text = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    Entry entry;
    // "::1" has colons of its own; with a port it is "[::1]:443".
    const std::size_t colon = text.rfind(':');
    const bool bracketed = text.starts_with('[');
    if (colon != text.npos && (bracketed ? text[colon - 1] == ']' : text.find(':') == colon)) {
      entry.port = number<std::uint16_t>(text.substr(colon + 1));
      if (!entry.port) continue;
      text = text.substr(0, colon);
    }
    if (bracketed && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    if (text.starts_with("*.")) text.remove_prefix(1);
    if (text.starts_with('.')) text.remove_prefix(1);
    if (text.empty()) continue;
    entry.name = lower(text);
    entries_.push_back(std::move(entry));
  }
}

bool NoProxy::matches(const Entry& entry, const Url& url) {
  if (entry.port && *entry.port != url.port) return false;
  if (entry.name == "*") return true;
  error_code error;
  ip::address address = ip::make_address(url.host, error);
  if (error) return url.host == entry.name || url.host.ends_with("." + entry.name);
  address = normal(address);
  if (entry.name.find('/') != entry.name.npos) return network_has(entry.name, address);
  const ip::address other = ip::make_address(entry.name, error);
  return !error && normal(other) == address;
}

bool NoProxy::covers(const Url& url) const {
  if (is_loopback(url.host)) return true;
  return std::any_of(entries_.begin(), entries_.end(),
                     [&url](const Entry& entry) { return matches(entry, url); });
}

ProxyRules::ProxyRules(Proxy proxy, NoProxy no_proxy)
    : https(proxy), http(std::move(proxy)), exceptions(std::move(no_proxy)) {}

const Proxy* ProxyRules::proxy_for(const Url& url) const {
  const std::optional<Proxy>& proxy = url.secure ? https : http;
  if (!proxy || exceptions.covers(url)) return nullptr;
  return &*proxy;
}

Result<ProxyRules> proxy_from_environment(const std::function<const char*(const char*)>& variable) {
  const auto value = [&variable](const char* lower_case, const char* upper_case) {
    for (const char* name : {lower_case, upper_case}) {
      const char* text = variable(name);
      if (text != nullptr && *text != '\0') return std::pair(std::string(name), std::string(text));
    }
    return std::pair<std::string, std::string>();
  };
  ProxyRules rules;
  for (const auto& [names, proxy] : {std::pair(value("https_proxy", "HTTPS_PROXY"), &rules.https),
                                     std::pair(value("http_proxy", "HTTP_PROXY"), &rules.http)}) {
    if (names.second.empty()) continue;
    Result<Proxy> parsed = parse_proxy(names.second);
    if (!parsed) return in_context(names.first, parsed.error());
    *proxy = std::move(*parsed);
  }
  rules.exceptions = NoProxy(value("no_proxy", "NO_PROXY").second);
  return rules;
}

}  // namespace stayd::http
