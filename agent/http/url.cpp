// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace stayd::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxName = 253;  // RFC 1035, section 3.1
constexpr std::size_t kMaxLabel = 63;

constexpr std::uint16_t default_port(bool secure) { return secure ? 443 : 80; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c) || (c >= 'A' && c <= 'Z'); }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  // An underscore is no host name's (RFC 952), but resolvers and certificates have some.
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_name(std::string_view name) {
  if (name.size() > kMaxName) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!is_label(label)) return false;
    // getaddrinfo() takes "1.2.3", "2130706433" and "0x7f.1" for addresses. No top-level domain
    // begins with a digit (RFC 3696, section 2).
    if (dot == std::string_view::npos) return !is_digit(label.front());
    name.remove_prefix(dot + 1);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// RFC 3986: what a path or a query may have; a '%' begins the two digits of a byte.
bool is_target(std::string_view text) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?";
  const auto is_hex = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_alphanumeric(text[i]) || kMarks.find(text[i]) != kMarks.npos) continue;
    if (text[i] != '%' || i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
      return false;
    i += 2;
  }
  return true;
}

// The host as it is kept; nothing if it is none we accept.
std::optional<std::string> read_host(std::string_view text) {
  boost::system::error_code error;
  if (text.find('\0') != text.npos) return std::nullopt;  // addresses would be read up to it
  if (text.starts_with('[') && text.ends_with(']')) {
    const std::string address(text.substr(1, text.size() - 2));
    if (address.find('%') != address.npos) return std::nullopt;  // a zone
    const asio::ip::address_v6 v6 = asio::ip::make_address_v6(address, error);
    if (error) return std::nullopt;
    return v6.to_string();
  }
  std::string host = lower(text);
  if (is_name(host)) return host;
  asio::ip::make_address_v4(host, error);
  if (error) return std::nullopt;
  return host;
}

std::optional<std::uint16_t> read_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  return port;
}

}  // namespace

bool Url::is_address() const {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? "[" + host + "]" : host;
  if (port != default_port(secure)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::origin() const { return (secure ? "https://" : "http://") + authority(); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl)
    return Error{"URL is longer than " + std::to_string(kMaxUrl) + " bytes"};
  Url url;
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos) return Error{"not a URL such as https://host/path"};
  url.secure = lower(text.substr(0, scheme)) == "https";
  if (!url.secure && lower(text.substr(0, scheme)) != "http")
    return Error{"URL must begin with https:// or http://"};
  text.remove_prefix(scheme + 3);
  if (text.find('#') != text.npos) return Error{"URL must not have a '#' in it"};

  std::string_view host = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(host.size());
  if (host.find('@') != host.npos) return Error{"URL must not have a user or password in it"};
  url.port = default_port(url.secure);
  // The colons of an IPv6 address are within its brackets.
  if (const std::size_t colon = host.rfind(':'); colon != host.npos && !host.ends_with(']')) {
    const std::optional<std::uint16_t> port = read_port(host.substr(colon + 1));
    if (!port) return Error{"URL has a port that is not a number from 1 to 65535"};
    url.port = *port;
    host = host.substr(0, colon);
  }
  if (host.empty()) return Error{"URL names no host"};
  std::optional<std::string> kept = read_host(host);
  if (!kept) return Error{"URL names a host that is neither a DNS name nor an IP address"};
  url.host = std::move(*kept);

  if (!is_target(text)) return Error{"URL has a character that must be percent-encoded"};
  url.target = std::string(text);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

bool is_loopback(std::string_view host) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  if (error) return host == "localhost";
  return address.is_loopback() ||
         (address.is_v6() && address.to_v6().is_v4_mapped() &&
          asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback());
}

std::string percent_encode(std::string_view bytes) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  constexpr std::string_view kMarks = "-._~";
  std::string text;
  for (const char c : bytes) {
    if (is_alphanumeric(c) || kMarks.find(c) != kMarks.npos) {
      text += c;
    } else {
      const auto value = static_cast<unsigned char>(c);
      text += '%';
      text += kHexDigits[value >> 4];
      text += kHexDigits[value & 15];
    }
  }
  return text;
}

}  // namespace stayd::http
