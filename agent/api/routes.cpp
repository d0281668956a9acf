// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <algorithm>
#include <utility>

#include "api/arguments.h"
#include "api/target.h"
#include "policy/values.h"
#include "tickets/desk_limits.h"

namespace stayd {
namespace {

using boost::beast::http::verb;
using Routed = boost::system::result<ServiceAction, Reply>;

constexpr std::size_t kMaxPathText = 4096;
constexpr std::size_t kMaxPacksSaid = 32;
constexpr std::size_t kMaxDigest = 128;
constexpr std::size_t kMaxName = 256;
constexpr std::int64_t kMaxUses = 1'000'000;
constexpr DeskLimits kDesk;  // what the desk would refuse is refused before it is asked

// A request whose path fits a route: `id` is what stands for the pattern's '*'.
struct Call {
  const Request& request;
  std::string_view id;
  std::string_view query;
};

Routed get_status(const Call& call);
Routed get_tickets(const Call& call);
Routed get_ticket(const Call& call);
Routed post_decision(const Call& call);
Routed post_put_off(const Call& call);
Routed get_grants(const Call& call);
Routed delete_grant(const Call& call);
Routed get_proposals(const Call& call);
Routed post_break_glass(const Call& call);
Routed post_workload(const Call& call);
Routed delete_workload(const Call& call);
Routed post_reload(const Call& call);
Routed get_learning(const Call& call);
Routed post_learning(const Call& call);
Routed delete_learning(const Call& call);
Routed get_teams(const Call& call);
Routed post_teams_test(const Call& call);
Routed get_teams_test(const Call& call);
Routed post_teams_resolve(const Call& call);

struct Route {
  verb method;
  std::string_view pattern;  // '*' stands for one segment
  Routed (*read)(const Call& call);
};

constexpr Route kRoutes[] = {
    {verb::get, "/v1/status", get_status},
    {verb::get, "/v1/tickets", get_tickets},
    {verb::get, "/v1/tickets/*", get_ticket},
    {verb::post, "/v1/tickets/*/decision", post_decision},
    {verb::post, "/v1/tickets/*/put-off", post_put_off},
    {verb::get, "/v1/grants", get_grants},
    {verb::delete_, "/v1/grants/*", delete_grant},
    {verb::get, "/v1/proposals", get_proposals},
    {verb::post, "/v1/break-glass", post_break_glass},
    {verb::post, "/v1/workloads", post_workload},
    {verb::delete_, "/v1/workloads", delete_workload},
    {verb::post, "/v1/policies/reload", post_reload},
    {verb::get, "/v1/learning", get_learning},
    {verb::post, "/v1/learning", post_learning},
    {verb::delete_, "/v1/learning", delete_learning},
    {verb::get, "/v1/teams", get_teams},
    {verb::post, "/v1/teams/test", post_teams_test},
    {verb::get, "/v1/teams/test/*", get_teams_test},
    {verb::post, "/v1/teams/resolve", post_teams_resolve},
};

Reply reply_with(const Result<nlohmann::json>& result, unsigned status_of_error) {
  return result ? Reply{200, *result} : error_reply(status_of_error, result.error().message);
}

// Every route but the list of tickets.
Result<> no_query(const Call& call) { return QueryReader(call.query).finish(); }

Reply no_ticket_id() { return error_reply(400, "a ticket's id is a whole number"); }

Routed get_status(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return ServiceAction{[](Service& service) { return Reply{200, service.status()}; }, {}};
}

Routed get_tickets(const Call& call) {
  QueryReader query(call.query);
  bool all = query.number("all", 1).value_or(0) == 1;
  std::optional<std::uint64_t> since = query.number("since", UINT64_MAX);
  std::optional<std::uint64_t> seconds = query.number("wait", kMaxWait.count());
  if (seconds && !since) query.fail("\"wait\" needs \"since\"");
  if (Result<> rest = query.finish(); !rest) return error_reply(400, rest.error().message);

  ServiceAction action;
  if (since && seconds) action.wait = WaitForRevision{*since, std::chrono::seconds(*seconds)};
  action.perform = [all](Service& service) {
    return Reply{200,
                 {{"revision", service.revision()},
                  {"tickets", service.tickets(all)},
                  {"announcements", service.announcements()}}};
  };
  return action;
}

Routed get_ticket(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  std::optional<TicketId> id = parse_number(call.id);
  if (!id) return no_ticket_id();
  return ServiceAction{[id = *id](Service& service) { return reply_with(service.ticket(id), 404); },
                       {}};
}

// {scope, for_seconds, uses, propose_rule}: a time or a number of uses without a scope is the
// workload's.
void read_scope(BodyReader& body, Decision& decision) {
  decision.grant_for =
      std::chrono::seconds(body.optional_number("for_seconds", kDesk.longest_grant.count()));
  decision.uses = body.optional_number("uses", kMaxUses);
  decision.propose_rule = body.optional_number("propose_rule", 1) == 1;
  const std::string scope = body.optional_text("scope", 16);
  const bool limited = decision.grant_for.count() != 0 || decision.uses != 0;
  if (scope == "process")
    decision.scope = Scope::process;
  else if (scope == "workload" || (scope.empty() && limited))
    decision.scope = Scope::workload;
  else if (!scope.empty() && scope != "once")
    body.fail("\"scope\" is not \"once\", \"process\" or \"workload\"");
  if (decision.choice == Choice::deny && (limited || decision.scope != Scope::once))
    body.fail("a grant goes with \"approve\" only");
}

Routed post_decision(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  std::optional<TicketId> id = parse_number(call.id);
  if (!id) return no_ticket_id();

  BodyReader body(call.request.body);
  Decision decision;
  decision.ticket = *id;
  std::string choice = body.required_text("choice", kMaxDigest);
  if (choice != "approve" && choice != "deny")
    body.fail("\"choice\" is neither \"approve\" nor \"deny\"");
  decision.choice = choice == "approve" ? Choice::approve : Choice::deny;
  decision.digest = body.required_text("digest", kMaxDigest);
  read_scope(body, decision);
  decision.reason = body.optional_text("reason", kDesk.reason_bytes);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  decision.channel = "terminal";
  return ServiceAction{[decision, peer = call.request.peer](Service& service) {
                         if (auto ticket = service.ticket(decision.ticket); !ticket)
                           return error_reply(404, ticket.error().message);
                         return reply_with(service.decide(decision, peer), 409);
                       },
                       {}};
}

Routed post_put_off(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  std::optional<TicketId> id = parse_number(call.id);
  if (!id) return no_ticket_id();
  BodyReader body(call.request.body);
  const std::chrono::seconds time(body.optional_number("seconds", kDesk.max_snooze.count()));
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return ServiceAction{[id = *id, time, peer = call.request.peer](Service& service) {
                         return reply_with(service.snooze(id, time, peer), 409);
                       },
                       {}};
}

Routed get_grants(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return ServiceAction{[](Service& service) {
                         return Reply{200, {{"grants", service.grants()}}};
                       },
                       {}};
}

Routed get_proposals(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return ServiceAction{[](Service& service) {
                         return Reply{200, {{"proposals", service.proposals()}}};
                       },
                       {}};
}

Routed delete_grant(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  std::optional<GrantId> id = parse_number(call.id);
  if (!id) return error_reply(400, "a grant's id is a whole number");
  return ServiceAction{[id = *id, peer = call.request.peer](Service& service) {
                         return reply_with(service.revoke(id, peer), 404);
                       },
                       {}};
}

Routed post_break_glass(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  std::string cgroup = body.required_text("cgroup", kMaxPathText);
  const std::chrono::seconds time(body.optional_number("seconds", kMaxBreakGlass.count()));
  std::string reason = body.required_text("reason", kDesk.reason_bytes);
  if (!cgroup.starts_with('/')) body.fail("\"cgroup\" does not begin with '/'");
  if (time.count() == 0) body.fail("\"seconds\" is missing");
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return ServiceAction{[cgroup, time, reason, peer = call.request.peer](Service& service) {
                         return reply_with(service.break_glass(cgroup, time, reason, peer), 403);
                       },
                       {}};
}

Routed post_workload(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  std::string cgroup = body.required_text("cgroup", kMaxPathText);
  std::string policy = body.required_text("policy", kMaxPathText);
  if (!cgroup.starts_with('/')) body.fail("\"cgroup\" does not begin with '/'");
  if (!policy.starts_with('/')) body.fail("\"policy\" does not begin with '/'");
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return ServiceAction{[cgroup, policy](Service& service) {
                         return reply_with(service.assign(cgroup, policy), 400);
                       },
                       {}};
}

// For routes whose body names a cgroup and nothing else.
template <class Act>
Routed with_cgroup(const Call& call, Act act) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  std::string cgroup = body.required_text("cgroup", kMaxPathText);
  if (!cgroup.starts_with('/')) body.fail("\"cgroup\" does not begin with '/'");
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return ServiceAction{[cgroup, act](Service& service) { return act(service, cgroup); }, {}};
}

Routed delete_workload(const Call& call) {
  return with_cgroup(call, [](Service& service, const std::string& cgroup) {
    return reply_with(service.release(cgroup), 404);
  });
}

Routed post_reload(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return ServiceAction{[](Service& service) { return reply_with(service.reload(), 409); }, {}};
}

Routed get_learning(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return ServiceAction{[](Service& service) {
                         return Reply{200, {{"sessions", service.learning()}}};
                       },
                       {}};
}

PacksSaid read_packs_said(BodyReader& body) {
  PacksSaid said;
  for (std::string& each : body.optional_texts("use", kMaxPacksSaid, kMaxName))
    said.use.push_back({.pack = std::move(each)});
  said.with = body.optional_lists("with", kMaxPacksSaid, kMaxPathText);
  said.trust = body.optional_texts("trust", kMaxPacksSaid, kMaxName);
  said.user = body.optional_text("user", kMaxName);
  if (said.use.empty() && !(said.with.empty() && said.trust.empty()))
    body.fail("\"with\" and \"trust\" need \"use\"");
  return said;
}

Routed post_learning(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  std::string cgroup = body.required_text("cgroup", kMaxPathText);
  const std::chrono::seconds limit(body.optional_number("seconds", kMaxLearning.count()));
  if (!cgroup.starts_with('/')) body.fail("\"cgroup\" does not begin with '/'");
  if (limit.count() == 0) body.fail("\"seconds\" is missing");
  PacksSaid packs = read_packs_said(body);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return ServiceAction{[cgroup, limit, packs = std::move(packs)](Service& service) {
                         return reply_with(service.start_learning(cgroup, limit, packs), 409);
                       },
                       {}};
}

Routed delete_learning(const Call& call) {
  return with_cgroup(call, [](Service& service, const std::string& cgroup) {
    return reply_with(service.end_learning(cgroup), 404);
  });
}

template <class Act>
Routed with_teams(Act act) {
  return ServiceAction{[act](Service& service) {
                         TeamsService* teams = service.teams();
                         if (teams == nullptr)
                           return error_reply(404, "Teams is not set up; see stayctl teams setup");
                         return act(*teams);
                       },
                       {}};
}

Routed get_teams(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return with_teams([](TeamsService& teams) { return Reply{200, teams.overview()}; });
}

Routed post_teams_test(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  const std::string person = body.optional_text("person", kMaxName);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return with_teams(
      [person](TeamsService& teams) { return reply_with(teams.begin_test(person), 409); });
}

Routed get_teams_test(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  return with_teams(
      [id = std::string(call.id)](TeamsService& teams) { return reply_with(teams.test(id), 404); });
}

Routed post_teams_resolve(const Call& call) {
  if (Result<> query = no_query(call); !query) return error_reply(400, query.error().message);
  BodyReader body(call.request.body);
  const std::string user = body.required_text("user", kMaxName);
  if (Result<> rest = body.finish(); !rest) return error_reply(400, rest.error().message);
  return with_teams([user](TeamsService& teams) { return reply_with(teams.resolve(user), 404); });
}

}  // namespace

boost::system::result<ServiceAction, Reply> route(const Request& request) {
  Target target(request.target);
  for (const Route& candidate : kRoutes)
    if (target.matches(request.method, candidate.method, candidate.pattern))
      return candidate.read(Call{request, target.id(), target.query()});
  return target.no_route();
}

stayd::Routed Service::route(const Request& request) {
  auto routed = stayd::route(request);
  if (!routed) return routed.error();
  Action action;
  if (routed->wait)
    action.wait = Wait{[this, since = routed->wait->since] { return revision() != since; },
                       routed->wait->at_most};
  action.perform = [perform = std::move(routed->perform), this] { return perform(*this); };
  return action;
}

}  // namespace stayd
