// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/endpoint.h"

#include <algorithm>

#include "base/log.h"
#include "channels/teams/click_check.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;

http::Reply empty(unsigned status) {
  http::Reply reply;
  reply.status = status;
  reply.content_type.clear();
  return reply;
}

bool is_equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// RFC 6750, section 2.1; the scheme in any case (RFC 9110, section 11.1). Empty: there is none.
std::string bearer_token(const http::Fields& fields) {
  const auto value = http::only_value(fields, http::field::authorization);
  if (!value) return {};
  constexpr std::string_view kScheme = "Bearer ";
  if (!is_equal_ignoring_case(value->substr(0, kScheme.size()), kScheme)) return {};
  return std::string(value->substr(kScheme.size()));
}

// Parameters do not matter, nor how they are written: Teams has "application/json;+charset=utf-8".
bool is_json(const http::Fields& fields) {
  const auto value = http::only_value(fields, http::field::content_type);
  constexpr std::string_view kJson = "application/json";
  if (!value || !is_equal_ignoring_case(value->substr(0, kJson.size()), kJson)) return false;
  return value->size() == kJson.size() ||
         std::string_view("; \t").find((*value)[kJson.size()]) != std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<Endpoint>> Endpoint::create(asio::any_io_executor executor,
                                                   std::shared_ptr<http::Client> client,
                                                   const Config& config,
                                                   ActivityHandler& activities) {
  const Result<http::Url> metadata = http::parse_url(config.cloud->metadata);
  if (!metadata) return metadata.error();
  Result<std::unique_ptr<KeySource>> keys = KeySource::create(
      executor, std::move(client), {*metadata, std::string(config.cloud->issuer), {}});
  if (!keys) return keys.error();
  auto endpoint = std::make_unique<Endpoint>();
  endpoint->state_ = std::make_shared<State>(config, activities, std::move(*keys));
  http::SecureServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.certificate = config.tls;
  options.plain_on_loopback = !config.tls.has_value();
  // Behind a proxy everybody has its address.
  if (options.plain_on_loopback) options.limits.connections_per_peer = options.limits.connections;
  auto handler = [state = endpoint->state_](http::Request request) {
    return receive(state, std::move(request));
  };
  Result<std::unique_ptr<http::SecureServer>> server =
      http::SecureServer::create(executor, std::move(options), std::move(handler));
  if (!server) return server.error();
  endpoint->server_ = std::move(*server);
  return endpoint;
}

asio::awaitable<http::Reply> Endpoint::receive(std::shared_ptr<State> state,
                                               http::Request request) {
  if (request.target != kEndpointPath) co_return empty(404);
  if (request.method != http::verb::post) co_return empty(405);
  std::string token = bearer_token(request.fields);
  if (token.empty()) co_return empty(401);
  if (!is_json(request.fields)) co_return empty(400);

  TokenExpectations expected{.issuer = std::string(state->config.cloud->issuer),
                             .audience = state->config.app_id};
  const TokenResult verified =
      co_await state->keys->verify(std::move(token), std::move(expected), wall_clock());
  if (state->stopped) co_return empty(503);
  if (!verified) {
    const bool no_keys = verified.error().check == TokenCheck::no_keys;
    state->trouble = no_keys ? "what comes from Teams cannot be checked: the keys of its tokens "
                               "cannot be fetched"
                             : "";
    complain(*state, name_of(verified.error().check));
    co_return empty(401);
  }
  state->trouble.clear();

  const Result<Activity> activity = parse_activity(request.body);
  if (!activity) co_return empty(400);
  if (const std::optional<RejectReason> refusal =
          check_origin(*activity, *verified, state->config)) {
    complain(*state, name_of(*refusal));
    co_return empty(403);
  }
  co_return state->activities.receive(*activity, wall_clock());
}

void Endpoint::complain(State& state, std::string_view why) {
  if (state.complaints.take(RateLimiter::Time::clock::now()))
    log_warning("teams: a request was refused: {}", why);
}

void Endpoint::stop() {
  state_->stopped = true;
  server_->stop();
  state_->keys->stop();
}

}  // namespace stayd::teams
