// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_service.h"
#include "tickets/desk_limits.h"

namespace stayd {
namespace {

using boost::beast::http::verb;
using testing::HasSubstr;

const Peer kAlice{100, 1000, 1000, "alice"};

Reply answer(FakeService& service, verb method, const std::string& target,
             const std::string& body = "") {
  auto action = route(Request{method, target, body, kAlice});
  return action ? action->perform(service) : action.error();
}

struct BadRequest {
  verb method;
  const char* target;
  const char* body;
  unsigned status;
  const char* complaint;
};

constexpr const char* kDecision = "/v1/tickets/2/decision";

const BadRequest kBadRequests[] = {
    {verb::get, "/", "", 404, "there is no /"},
    {verb::get, "/v1/status/", "", 404, "there is no /v1/status/"},
    {verb::get, "/v1/tickets/", "", 404, "there is no"},
    {verb::get, "/v1/tickets/2/3", "", 404, "there is no"},
    {verb::get, "/v1/tickets/two", "", 400, "id is a whole number"},
    {verb::get, "/v1/tickets/-2", "", 400, "id is a whole number"},
    {verb::get, "/v1/tickets/99999999999999999999", "", 400, "id is a whole number"},
    {verb::get, "/v1/tickets/7", "", 404, "no ticket 7"},
    {verb::delete_, "/v1/status", "", 405, "takes GET only"},
    {verb::get, "/v1/workloads", "", 405, "takes POST or DELETE only"},
    {verb::get, "/v1/status?x=1", "", 400, "\"x\" is not a known parameter"},
    {verb::get, "/v1/tickets?all=2", "", 400, "\"all\" is not a whole number from 0 to 1"},
    {verb::get, "/v1/tickets?wait=5", "", 400, "\"wait\" needs \"since\""},
    {verb::get, "/v1/tickets?since=1&wait=31", "", 400, "from 0 to 30"},
    {verb::get, "/v1/tickets?since=x", "", 400, "\"since\" is not a whole number"},
    {verb::get, "/v1/tickets?all=1&all=1", "", 400, "\"all\" is given twice"},
    {verb::post, kDecision, "", 400, "not valid JSON"},
    {verb::post, kDecision, "{\"choice\":", 400, "not valid JSON"},
    {verb::post, kDecision, "[]", 400, "not a JSON object"},
    {verb::post, kDecision, R"({"digest":"d1"})", 400, "\"choice\" is missing"},
    {verb::post, kDecision, R"({"choice":"yes","digest":"d1"})", 400, "neither"},
    {verb::post, kDecision, R"({"choice":true,"digest":"d1"})", 400, "not a string"},
    {verb::post, kDecision, R"({"choice":"deny"})", 400, "\"digest\" is missing"},
    {verb::post, kDecision, R"({"choice":"deny","digest":""})", 400, "\"digest\" is empty"},
    {verb::post, kDecision, R"({"choice":"deny","digest":"d1","extra":1})", 400,
     "\"extra\" is not a known member"},
    {verb::post, kDecision, R"({"choice":"deny","digest":"d1","for_seconds":9})", 400,
     "goes with \"approve\" only"},
    {verb::post, kDecision, R"({"choice":"approve","digest":"d1","for_seconds":-1})", 400,
     "not a whole number"},
    {verb::post, kDecision, R"({"choice":"approve","digest":"d1","for_seconds":1.5})", 400,
     "not a whole number"},
    {verb::post, kDecision, R"({"choice":"approve","digest":"other"})", 409, "digest differs"},
    {verb::post, "/v1/tickets/7/decision", R"({"choice":"approve","digest":"d1"})", 404,
     "no ticket 7"},
    {verb::post, "/v1/workloads", R"({"cgroup":"/a"})", 400, "\"policy\" is missing"},
    {verb::post, "/v1/workloads", R"({"cgroup":"a","policy":"/p"})", 400, "begin with '/'"},
    {verb::delete_, "/v1/workloads", R"({"cgroup":"/nope"})", 404, "not a workload"},
    {verb::get, "/v1/teams", "", 404, "Teams is not set up"},
    {verb::get, "/v1/teams/test/test-1", "", 404, "Teams is not set up"},
    {verb::post, "/v1/teams/test", R"({"who":"x"})", 400, "\"who\" is not a known member"},
    {verb::post, "/v1/teams/resolve", "{}", 400, "\"user\" is missing"},
};

TEST(Routes, EveryBadRequestIsToldWhatIsWrong) {
  for (const BadRequest& bad : kBadRequests) {
    SCOPED_TRACE(std::string(bad.target) + " " + bad.body);
    FakeService service;
    Reply reply = answer(service, bad.method, bad.target, bad.body);
    EXPECT_EQ(reply.status, bad.status);
    EXPECT_THAT(reply.body.value("error", ""), HasSubstr(bad.complaint));
  }
}

TEST(Routes, ReasonsAreBounded) {
  FakeService service;
  nlohmann::json body = {{"choice", "deny"}, {"digest", "d1"}, {"reason", ""}};
  body["reason"] = std::string(DeskLimits{}.reason_bytes, 'x');
  EXPECT_EQ(answer(service, verb::post, kDecision, body.dump()).status, 200u);
  body["reason"] = std::string(DeskLimits{}.reason_bytes + 1, 'x');
  const Reply refused = answer(service, verb::post, kDecision, body.dump());
  EXPECT_EQ(refused.status, 400u);
  EXPECT_EQ(refused.body["error"], "\"reason\" is longer than 1024 bytes");
}

TEST(Routes, AGrantAndASnoozeLastAtMostAsLongAsTheDeskAllows) {
  FakeService service;
  nlohmann::json body = {{"choice", "approve"}, {"digest", "d1"}};
  body["for_seconds"] = DeskLimits{}.longest_grant.count();
  EXPECT_EQ(answer(service, verb::post, kDecision, body.dump()).status, 200u);
  body["for_seconds"] = DeskLimits{}.longest_grant.count() + 1;
  const Reply refused = answer(service, verb::post, kDecision, body.dump());
  EXPECT_EQ(refused.status, 400u);
  EXPECT_EQ(refused.body["error"], "\"for_seconds\" is not a whole number from 0 to 86400");

  body = {{"seconds", DeskLimits{}.max_snooze.count()}};
  EXPECT_EQ(answer(service, verb::post, "/v1/tickets/2/put-off", body.dump()).status, 200u);
  body["seconds"] = DeskLimits{}.max_snooze.count() + 1;
  const Reply too_long = answer(service, verb::post, "/v1/tickets/2/put-off", body.dump());
  EXPECT_EQ(too_long.status, 400u);
  EXPECT_EQ(too_long.body["error"], "\"seconds\" is not a whole number from 0 to 86400");
}

TEST(Routes, ADecisionNamesItsPersonByTheirCredentials) {
  FakeService service;
  Reply reply =
      answer(service, verb::post, kDecision,
             R"({"choice":"approve","digest":"d1","for_seconds":900,"reason":"as planned"})");
  EXPECT_EQ(reply.status, 200u);
  ASSERT_EQ(service.decisions.size(), 1u);
  const Decision& decision = service.decisions[0];
  EXPECT_EQ(decision.ticket, 2u);
  EXPECT_EQ(decision.choice, Choice::approve);
  EXPECT_EQ(decision.digest, "d1");
  EXPECT_EQ(decision.grant_for, std::chrono::seconds(900));
  EXPECT_EQ(decision.reason, "as planned");
  EXPECT_EQ(decision.scope, Scope::workload);
  EXPECT_EQ(service.deciders.at(0).uid, 1000u);
  EXPECT_EQ(decision.channel, "terminal");
}

TEST(Routes, APersonWithoutANameIsTheirUid) {
  EXPECT_EQ(to_string(Peer{1, 1234, 1234, ""}), "uid 1234");
}

TEST(Routes, ClosedTicketsAreListedOnRequestOnly) {
  FakeService service;
  EXPECT_EQ(answer(service, verb::get, "/v1/tickets").body["tickets"].size(), 1u);
  EXPECT_EQ(answer(service, verb::get, "/v1/tickets?all=0").body["tickets"].size(), 1u);
  EXPECT_EQ(answer(service, verb::get, "/v1/tickets?all=1").body["tickets"].size(), 2u);
}

TEST(Routes, AListKnowsItsRevision) {
  FakeService service;
  EXPECT_EQ(answer(service, verb::get, "/v1/tickets").body["revision"], 5);
}

TEST(Routes, OnlyAListWithBothNumbersWaits) {
  auto plain = route(Request{verb::get, "/v1/tickets?since=5", "", kAlice});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->wait);
  auto waiting = route(Request{verb::get, "/v1/tickets?since=5&wait=30", "", kAlice});
  ASSERT_TRUE(waiting && waiting->wait);
  EXPECT_EQ(waiting->wait->since, 5u);
  EXPECT_EQ(waiting->wait->at_most, std::chrono::seconds(30));
}

TEST(Routes, WorkloadsAreAssignedAndReleased) {
  FakeService service;
  Reply assigned = answer(service, verb::post, "/v1/workloads",
                          R"({"cgroup":"/ai.slice","policy":"/etc/stayd/policies/x.yaml"})");
  EXPECT_EQ(assigned.status, 200u);
  EXPECT_EQ(service.assigned["/ai.slice"], "/etc/stayd/policies/x.yaml");
  EXPECT_EQ(answer(service, verb::delete_, "/v1/workloads", R"({"cgroup":"/ai.slice"})").status,
            200u);
  EXPECT_TRUE(service.assigned.empty());
}

TEST(Routes, LearningIsToldThePacksThatADraftBuildsOn) {
  FakeService service;
  const Reply begun = answer(service, verb::post, "/v1/learning",
                             R"({"cgroup":"/ai.slice","seconds":60,"use":["git","secrets"],
                                 "with":{"repository":"/a","data":["/b","/c"]},
                                 "trust":["git"],"user":"dev"})");
  EXPECT_EQ(begun.status, 200u) << begun.body.dump();
  EXPECT_EQ(to_yaml(service.packs_said),
            "user: dev\nuse: [git, secrets]\n"
            "with: {data: [\"/b\", \"/c\"], repository: \"/a\"}\ntrust: [git]\n");
  const Reply under_way = answer(service, verb::get, "/v1/learning");
  EXPECT_EQ(under_way.body["sessions"][0]["session"], begun.body["session"]);
}

TEST(Routes, LearningIsRefusedForPacksThatAreNotWellFormed) {
  const std::pair<const char*, const char*> bodies[] = {
      {R"("use":"git")", "\"use\" is not a list of at most 32 strings"},
      {R"("use":[""])", "\"use\" has an element that is no string of 1 to 64 bytes"},
      {R"("use":[["git"]])", "\"use\" has an element that is no string"},
      {R"("use":["git"],"with":["x"])", "\"with\" is not an object"},
      {R"("use":["git"],"with":{"x":1})", "\"with\": \"x\" is not a list"},
      {R"("trust":["git"])", "\"with\" and \"trust\" need \"use\""}};
  for (const auto& [members, complaint] : bodies) {
    FakeService service;
    const Reply reply = answer(service, verb::post, "/v1/learning",
                               "{\"cgroup\":\"/a\",\"seconds\":1," + std::string(members) + "}");
    EXPECT_EQ(reply.status, 400u) << members;
    EXPECT_THAT(reply.body["error"].get<std::string>(), HasSubstr(complaint)) << members;
  }
}

}  // namespace
}  // namespace stayd
