// SPDX-License-Identifier: Apache-2.0
#include "api/self_service.h"

#include <utility>

#include "api/arguments.h"
#include "api/target.h"

namespace stayd {
namespace {

using boost::beast::http::verb;

Routed reply_with(std::function<Reply()> perform) {
  return Action{std::move(perform), std::nullopt};
}

}  // namespace

Result<> SelfService::admit(const Peer& peer) {
  if (!knowledge_.workload_of(peer))
    return Error{"this process is in no workload; people use stayctl, and stayd.sock"};
  return {};
}

std::string SelfService::client_of(const Peer& peer) {
  const std::optional<WorkloadId> workload = knowledge_.workload_of(peer);
  if (!workload) return "?";
  return std::to_string(workload->slot) + "/" + std::to_string(workload->generation);
}

bool SelfService::is_too_much(WorkloadId workload) {
  const auto limit = limits_.try_emplace(workload, RateLimiter(kPerSecond, kBurst)).first;
  return !limit->second.take(clock_());
}

// The look-up begins at once, and the answer waits for it.
Routed SelfService::ask_ahead(WorkloadId workload, const Request& request) {
  Result<AheadRequest> wanted = read_ahead_request(request.body);
  if (!wanted) return error_reply(400, wanted.error().message);
  const auto reply = std::make_shared<AheadReply>();
  knowledge_.ask_ahead(workload, request.peer, std::move(*wanted), reply);
  Action action = {.perform =
                       [reply] {
                         reply->given_up = !reply->body;
                         if (reply->given_up)
                           return error_reply(503, "it takes too long to find out what it is");
                         return Reply{200, *reply->body};
                       },
                   .wait = std::nullopt};
  action.wait = Wait{.at_most = kMaxLookup, .over = [reply] { return reply->body.has_value(); }};
  return action;
}

Routed SelfService::get_request(WorkloadId workload, std::string_view number) {
  const std::optional<std::uint64_t> id = parse_number(number);
  if (!id) return error_reply(400, "a request's number is a whole number");
  return reply_with([this, workload, id = *id] {
    const std::optional<nlohmann::json> known = knowledge_.request(workload, id);
    if (!known) return error_reply(404, "this workload has no request " + std::to_string(id));
    return Reply{200, *known};
  });
}

Routed SelfService::route(const Request& request) {
  const std::optional<WorkloadId> known = knowledge_.workload_of(request.peer);
  if (!known) return error_reply(403, "this process is in no workload");
  const WorkloadId workload = *known;
  if (is_too_much(workload))
    return error_reply(429, "too many requests of this workload; wait a second");

  Target target(request.target);
  if (!target.query().empty()) return error_reply(400, "no parameters are known here");
  if (target.matches(request.method, verb::get, "/v1/holds"))
    return reply_with([this, workload] {
      return Reply{200, {{"holds", knowledge_.holds(workload)}}};
    });
  if (target.matches(request.method, verb::get, "/v1/denials"))
    return reply_with([this, workload] {
      return Reply{200, {{"denials", knowledge_.denials(workload)}}};
    });
  if (target.matches(request.method, verb::post, "/v1/requests"))
    return ask_ahead(workload, request);
  if (target.matches(request.method, verb::get, "/v1/requests/*"))
    return get_request(workload, target.id());
  if (!target.matches(request.method, verb::put, "/v1/intent")) return target.no_route();

  BodyReader body(request.body);
  std::string text = body.required_text("text", kMaxIntent);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return reply_with([this, workload, peer = request.peer, text = std::move(text)] {
    knowledge_.declare_intent(workload, peer, text);
    return Reply{200, nlohmann::json::object()};
  });
}

}  // namespace stayd
