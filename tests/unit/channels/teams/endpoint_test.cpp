// SPDX-License-Identifier: Apache-2.0
// What is not from Teams, or not for us, gets no answer and changes nothing.
#include "unit/channels/teams/teams_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;

class TeamsEndpoint : public TeamsTest {
 protected:
  TeamsEndpoint() {
    begin();
    deliver(an_installation());
    hold(1);
    click_ = a_click(posted(), "Approve once");
  }
  // Nothing was decided, and nothing was learnt.
  void expect_refused(const json& activity, const std::string& token, unsigned status,
                      const std::string& what) {
    const http::Response response = deliver(activity, token);
    EXPECT_EQ(response.status, status) << what;
    EXPECT_EQ(response.body, "") << what;
    EXPECT_EQ(ticket().outcome, Outcome::open) << what;
  }
  std::string token_with(const char* claim, const json& value) {
    json claims = teams_.claims();
    claims[claim] = value;
    return teams_.issuer().sign(claims);
  }

  json click_;
};

TEST_F(TeamsEndpoint, RefusesTokensOfOthers) {
  const std::int64_t now = std::time(nullptr);
  expect_refused(click_, "", 401, "no token");
  expect_refused(click_, "x.y.z", 401, "no token at all");
  expect_refused(click_, token_with("iss", "https://evil.example"), 401, "issuer");
  expect_refused(click_, token_with("iss", "https://sts.windows.net/x/"), 401, "emulator's issuer");
  expect_refused(click_, token_with("aud", "another"), 401, "audience");
  expect_refused(click_, token_with("aud", json::array({FakeTeams::kApp})), 401, "a list of them");
  expect_refused(click_, token_with("exp", now - 400), 401, "expired");
  expect_refused(click_, token_with("nbf", now + 400), 401, "not yet");
  expect_refused(click_, TestIssuer(teams_.issuer().key_id()).sign(teams_.claims()), 401,
                 "another's key of the same name");
  const std::string header = json{{"alg", "none"}, {"kid", teams_.issuer().key_id()}}.dump();
  expect_refused(click_, teams_.issuer().sign(header, teams_.claims().dump()), 401, "alg none");
  expect_refused(click_, teams_.token() + "x", 401, "signature");
  EXPECT_EQ(deliver(click_, token_with("exp", now - 200)).status, 200u);  // within the skew
  EXPECT_EQ(ticket().outcome, Outcome::approved);
}

TEST_F(TeamsEndpoint, RefusesWhatIsNotForUs) {
  const auto changed = [this](const char* path, const json& value) {
    json activity = click_;
    activity[json::json_pointer(path)] = value;
    return activity;
  };
  const std::string token = teams_.token();
  expect_refused(click_, teams_.token("https://smba.trafficmanager.net/other/"), 403, "claim");
  expect_refused(changed("/serviceUrl", "https://evil.example/teams/"),
                 teams_.token("https://evil.example/teams/"), 403, "host");
  expect_refused(changed("/serviceUrl", "http://smba.trafficmanager.net/teams/"),
                 teams_.token("http://smba.trafficmanager.net/teams/"), 403, "plain");
  expect_refused(changed("/channelId", "webchat"), token, 403, "another channel");
  expect_refused(changed("/channelId", nullptr), token, 400, "no channel");
  expect_refused(changed("/recipient/id", "28:33333333-3333-4333-8333-333333333333"), token, 403,
                 "another bot");
  expect_refused(changed("/conversation/tenantId", FakeTeams::kAlice), token, 403, "tenant");
  expect_refused(changed("/channelData/tenant/id", FakeTeams::kAlice), token, 403, "tenant");
  expect_refused(json("no object"), token, 400, "no object");
}

TEST_F(TeamsEndpoint, OtherPathsAndMethodsAreNotThere) {
  http::Outgoing request;
  request.url = *http::parse_url("http://127.0.0.1:" + std::to_string(channel_->port()) + "/");
  EXPECT_EQ(run(*loop_, client_->send(request))->status, 404u);
  request.url = *http::parse_url(request.url.origin() + "/api/messages");
  EXPECT_EQ(run(*loop_, client_->send(request))->status, 405u);
}

TEST_F(TeamsEndpoint, OurTokenNeverGoesElsewhere) {
  expect_refused(
      [&] {
        json activity = an_installation();
        activity["serviceUrl"] = "https://evil.example/teams/";
        return activity;
      }(),
      teams_.token("https://evil.example/teams/"), 403, "host");
  hold(2);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  for (const FakeTeams::Call& call : teams_.calls())
    EXPECT_EQ(call.host, "smba.trafficmanager.net");
}

TEST_F(TeamsEndpoint, AnInvokeThatIsNotOursIsSaidToBeNone) {
  json activity = an_activity("invoke");
  activity["name"] = "task/fetch";
  EXPECT_EQ(deliver(activity).status, 501u);
  activity["name"] = "message/submitAction";
  EXPECT_EQ(deliver(activity).body, "");
}

TEST_F(TeamsEndpoint, WhoRemovesTheBotIsNotReachedAnyMore) {
  const Person* alice = approvals_->people().find("alice");
  EXPECT_TRUE(channel_->reaches(*alice));
  deliver(an_installation("remove"));
  EXPECT_FALSE(channel_->reaches(*alice));
  deliver(an_installation());
  EXPECT_TRUE(channel_->reaches(*alice));
}

}  // namespace
}  // namespace stayd
