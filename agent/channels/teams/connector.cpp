// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/connector.h"

#include <utility>

#include "base/json.h"
#include "channels/teams/click_check.h"
#include "identity/account.h"
#include "identity/token_cache.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;
using http::percent_encode;
using nlohmann::json;

constexpr std::size_t kMaxText = 1024;  // a longer text of a member counts as missing

std::string activities_of(const std::string& conversation) {
  return "v3/conversations/" + percent_encode(conversation) + "/activities";
}

Result<Member> member_from(const std::string& body) {
  const Result<json> value = parse_json(body);
  if (!value || !value->is_object()) return Error{"no JSON object"};
  Member member{.id = text_at(*value, "id", kMaxText),
                .object = {},
                .tenant = {},
                .name = text_at(*value, "name", kMaxText)};
  const Result<std::string> object = canonical_guid(text_at(*value, "aadObjectId", kMaxText));
  if (!object || member.id.empty()) return Error{"a member without an object id"};
  member.object = *object;
  if (const Result<std::string> tenant = canonical_guid(text_at(*value, "tenantId", kMaxText)))
    member.tenant = *tenant;
  return member;
}

// Whoever says that it has made a message or a chat, and not which, is not Teams: it may not be
// there. Trying again may make a second one, which is better than none.
Delivered if_named(Delivered made, bool is_named) {
  if (made.what != Delivery::done || is_named) return made;
  made.what = Delivery::again;
  made.certainly_not_posted = false;
  made.error = "an answer that does not say what it has made";
  return made;
}

}  // namespace

asio::awaitable<Connector::Exchange> Connector::attempt(http::verb method, const http::Url& url,
                                                        const std::string& body, bool repeatable,
                                                        std::string& token) {
  const Result<std::string> fresh = co_await tokens_->token();
  if (!fresh) {
    Exchange failed;
    failed.delivered = read_failure(fresh.error());
    co_return failed;
  }
  token = *fresh;
  http::Outgoing request;
  request.method = method;
  request.url = url;
  request.fields.set(http::field::authorization, "Bearer " + token);
  request.fields.set(http::field::accept, "application/json");
  if (!body.empty()) request.fields.set(http::field::content_type, "application/json");
  request.body = body;
  request.repeatable = repeatable;
  Result<http::Response> response = co_await client_->send(std::move(request));
  Exchange exchange;
  if (!response) {
    exchange.delivered = read_failure(response.error());
    co_return exchange;
  }
  exchange.delivered = read_delivery(*response, wall_clock());
  exchange.body = std::move(response->body);
  co_return exchange;
}

asio::awaitable<Connector::Exchange> Connector::exchange(http::verb method, std::string service_url,
                                                         std::string path, std::string body,
                                                         bool repeatable) {
  if (!service_url.ends_with('/')) service_url += '/';
  const Result<http::Url> url = http::parse_url(service_url + path);
  Exchange refused;
  if (!url || !is_service_url(service_url, config_)) {
    refused.delivered.error = "no host of this cloud";
    co_return refused;
  }
  std::string token;
  Exchange first = co_await attempt(method, *url, body, repeatable, token);
  if (first.delivered.what != Delivery::unauthorized) co_return first;
  tokens_->invalidate(token);
  Exchange second = co_await attempt(method, *url, body, repeatable, token);
  // The next token is not to be had at once.
  if (second.delivered.what == Delivery::unauthorized) {
    tokens_->invalidate(token);
    second.delivered.what = Delivery::again;
    second.delivered.wait = TokenCache::kBetweenTokens;
  }
  co_return second;
}

asio::awaitable<Delivered> Connector::post(std::string service_url, std::string conversation,
                                           json activity) {
  Exchange exchange = co_await this->exchange(http::verb::post, std::move(service_url),
                                              activities_of(conversation), dump(activity), false);
  Delivered& posted = exchange.delivered;
  posted.activity = std::exchange(posted.conversation, conversation);
  co_return if_named(posted, posted.accepted || !posted.activity.empty());
}

asio::awaitable<Delivered> Connector::update(std::string service_url, std::string conversation,
                                             std::string message, json activity) {
  activity["id"] = message;
  const std::string path = activities_of(conversation) + "/" + percent_encode(message);
  Exchange exchange =
      co_await this->exchange(http::verb::put, std::move(service_url), path, dump(activity), true);
  co_return exchange.delivered;
}

asio::awaitable<Delivered> Connector::open_chat(std::string service_url, std::string member) {
  const json body = {{"isGroup", false},
                     {"members", json::array({{{"id", member}}})},
                     {"tenantId", config_.tenant},
                     {"bot", {{"id", config_.bot_id()}}},
                     {"channelData", {{"tenant", {{"id", config_.tenant}}}}}};
  Exchange exchange = co_await this->exchange(http::verb::post, std::move(service_url),
                                              "v3/conversations", dump(body), true);
  co_return if_named(exchange.delivered, !exchange.delivered.conversation.empty());
}

asio::awaitable<Delivered> Connector::begin_thread(std::string service_url, std::string channel,
                                                   json activity) {
  const json body = {
      {"isGroup", true},
      {"tenantId", config_.tenant},
      {"bot", {{"id", config_.bot_id()}}},
      {"channelData", {{"channel", {{"id", channel}}}, {"tenant", {{"id", config_.tenant}}}}},
      {"activity", std::move(activity)}};
  Exchange exchange = co_await this->exchange(http::verb::post, std::move(service_url),
                                              "v3/conversations", dump(body), false);
  const Delivered& posted = exchange.delivered;
  co_return if_named(posted, posted.accepted || !posted.activity.empty());
}

asio::awaitable<Lookup> Connector::member(std::string service_url, std::string conversation,
                                          std::string who) {
  const std::string path =
      "v3/conversations/" + percent_encode(conversation) + "/members/" + percent_encode(who);
  Exchange exchange =
      co_await this->exchange(http::verb::get, std::move(service_url), path, "", true);
  Lookup lookup;
  lookup.delivered = exchange.delivered;
  if (lookup.delivered.what != Delivery::done) co_return lookup;
  Result<Member> member = member_from(exchange.body);
  if (member) {
    lookup.member = std::move(*member);
  } else {
    lookup.delivered.what = Delivery::refused;
    lookup.delivered.error = member.error().message;
  }
  co_return lookup;
}

}  // namespace stayd::teams
