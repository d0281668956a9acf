// SPDX-License-Identifier: Apache-2.0
#include "identity/key_fetch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxMetadata = 256 * 1024;

boost::asio::awaitable<Result<std::string>> fetch(http::Client& client, http::Url url) {
  http::Outgoing request;
  request.url = std::move(url);
  request.fields.set(http::field::accept, "application/json");
  Result<http::Response> response = co_await client.send(std::move(request));
  if (!response) co_return response.error();
  if (response->status != 200) co_return Error{"status " + std::to_string(response->status)};
  co_return Result<std::string>(boost::system::in_place_value, std::move(response->body));
}

bool is_allowed(const http::Url& url, const KeyLocation& location) {
  if (url.host == location.metadata.host)
    return url.port == location.metadata.port || url.port == 443;
  return url.port == 443 && std::find(location.key_hosts.begin(), location.key_hosts.end(),
                                      url.host) != location.key_hosts.end();
}

}  // namespace

Result<http::Url> parse_metadata(std::string_view text, const KeyLocation& location) {
  const Result<nlohmann::json> metadata =
      parse_json(text, {kMaxMetadata, 16, /*duplicate_members=*/false});
  if (!metadata) return metadata.error();
  if (!metadata->is_object()) return Error{"the answer is not a JSON object"};
  const auto member = [&metadata](const char* name) {
    const auto found = metadata->find(name);
    return found == metadata->end() ? nullptr : found->get_ptr<const std::string*>();
  };
  if (!location.issuer.empty()) {
    const std::string* issuer = member("issuer");
    if (!issuer || *issuer != location.issuer)
      return Error{"its \"issuer\" is not " + location.issuer};
  }
  const std::string* keys = member("jwks_uri");
  if (!keys) return Error{"no \"jwks_uri\""};
  const Result<http::Url> url = http::parse_url(*keys);
  if (!url) return in_context("\"jwks_uri\"", url.error());
  if (!url->secure) return Error{"\"jwks_uri\" is not https"};
  if (!is_allowed(*url, location))
    return Error{"\"jwks_uri\" is at " + url->authority() +
                 ", which is neither the metadata's host nor one that is allowed"};
  return url;
}

boost::asio::awaitable<Result<KeySet>> fetch_keys(http::Client& client, KeyLocation location) {
  if (!location.metadata.secure) co_return Error{"the metadata of an issuer must be https"};
  const Result<std::string> metadata = co_await fetch(client, location.metadata);
  if (!metadata) co_return in_context("metadata", metadata.error());
  const Result<http::Url> where = parse_metadata(*metadata, location);
  if (!where) co_return in_context("metadata", where.error());
  const Result<std::string> keys = co_await fetch(client, *where);
  if (!keys) co_return in_context("keys", keys.error());
  Result<KeySet> set = KeySet::parse(*keys);
  if (!set) co_return in_context("keys", set.error());
  // Whatever else it is, it must not take the place of keys that count.
  if (set->keys().empty()) co_return Error{"keys: none that could be used"};
  co_return std::move(*set);
}

}  // namespace stayd
