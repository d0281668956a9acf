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

Routed too_much() { return error_reply(429, "too many requests of this workload; wait a second"); }

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
  return !workloads_[workload].requests.take(clock_());
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
  action.wait = Wait{.ready = [reply] { return reply->body.has_value(); }, .at_most = kMaxLookup};
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
  Target target(request.target);
  if (target.matches(request.method, verb::get, "/v1/events"))
    return get_events(workload, target.query());

  if (is_too_much(workload)) return too_much();
  if (target.matches(request.method, verb::get, "/v1/denials"))
    return get_denials(workload, target.query());
  if (!target.query().empty()) return error_reply(400, "no parameters are known here");
  if (target.matches(request.method, verb::get, "/v1/holds"))
    return reply_with([this, workload] { return Reply{200, knowledge_.holds(workload)}; });
  if (target.matches(request.method, verb::post, "/v1/unread"))
    return post_unread(workload, request);
  if (target.matches(request.method, verb::post, "/v1/requests"))
    return ask_ahead(workload, request);
  if (target.matches(request.method, verb::get, "/v1/requests/*"))
    return get_request(workload, target.id());
  if (target.matches(request.method, verb::put, "/v1/intent")) return put_intent(workload, request);
  return target.no_route();
}

Routed SelfService::get_denials(WorkloadId workload, std::string_view query) {
  QueryReader reader(query);
  const std::uint64_t after = reader.number("after", UINT64_MAX).value_or(0);
  if (Result<> rest = reader.finish(); !rest) return error_reply(400, rest.error().message);
  return reply_with([this, workload, after] {
    return Reply{200, knowledge_.denials(workload, after)};
  });
}

Routed SelfService::get_events(WorkloadId workload, std::string_view query) {
  QueryReader reader(query);
  const std::uint64_t after = reader.number("after", UINT64_MAX).value_or(0);
  const std::uint64_t seconds = reader.number("wait", kMaxWait.count()).value_or(0);
  const Result<> rest = reader.finish();
  // A number that is not one of ours is an earlier stayd's: all that is known is news.
  const auto is_news = [this, workload, after] { return knowledge_.latest(workload) != after; };
  if (!rest || seconds == 0 || is_news()) {
    if (is_too_much(workload)) return too_much();
    if (!rest) return error_reply(400, rest.error().message);
    return reply_with([this, workload, after] {
      return Reply{200, knowledge_.events(workload, after)};
    });
  }
  const std::shared_ptr<char>& places = workloads_[workload].poller;
  if (places.use_count() > static_cast<long>(kMaxPollers))
    return error_reply(429, "this workload has " + std::to_string(kMaxPollers) +
                                " requests that wait already; ask with one of them");
  Action action;
  action.perform = [this, workload, after, place = places] {
    return Reply{200, knowledge_.events(workload, after)};
  };
  action.wait = Wait{is_news, std::chrono::seconds(seconds)};
  return action;
}

Routed SelfService::post_unread(WorkloadId workload, const Request& request) {
  BodyReader body(request.body);
  std::string reader = body.required_text("reader", kMaxReader);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return reply_with([this, workload, reader = std::move(reader)] {
    return Reply{200, knowledge_.unread(workload, reader)};
  });
}

Routed SelfService::put_intent(WorkloadId workload, const Request& request) {
  BodyReader body(request.body);
  std::string text = body.required_text("text", kMaxIntent);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return reply_with([this, workload, peer = request.peer, text = std::move(text)] {
    knowledge_.declare_intent(workload, peer, text);
    return Reply{200, nlohmann::json::object()};
  });
}

}  // namespace stayd
