// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/delivery.h"

#include <gtest/gtest.h>

namespace stayd::teams {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::milliseconds{1'700'000'000'000}};

Delivered read(unsigned status, std::string body = "{}", const char* retry_after = nullptr) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  if (retry_after != nullptr) response.fields.set(http::field::retry_after, retry_after);
  return read_delivery(response, kNow);
}

TEST(TeamsDelivery, SaysWhatMayBeTriedAgain) {
  for (const unsigned status : {408u, 412u, 429u, 500u, 502u, 503u, 504u})
    EXPECT_EQ(read(status).what, Delivery::again) << status;
  for (const unsigned status : {400u, 405u, 302u, 100u})
    EXPECT_EQ(read(status).what, Delivery::refused) << status;
  EXPECT_EQ(read(401).what, Delivery::unauthorized);
  EXPECT_EQ(read(403).what, Delivery::unreachable);
  EXPECT_EQ(read(404).what, Delivery::gone);
  EXPECT_EQ(read(413).what, Delivery::too_large);
}

TEST(TeamsDelivery, ReadsIdsAndDoesWithoutThem) {
  const Delivered thread = read(201, R"({"id":"19:a;messageid=1","activityId":"1"})");
  EXPECT_EQ(thread.conversation, "19:a;messageid=1");
  EXPECT_EQ(thread.activity, "1");
  for (const char* body : {"", "[]", "<html>", R"({"id":7})"})
    EXPECT_EQ(read(202, body).what, Delivery::done) << body;
  EXPECT_TRUE(read(202).accepted);
  EXPECT_FALSE(read(200).accepted);
}

TEST(TeamsDelivery, ReadsRetryAfterInBothForms) {
  EXPECT_EQ(read(429, "{}", "7").wait, 7s);
  EXPECT_EQ(read(429, "{}", "0").wait, 0s);
  EXPECT_EQ(read(429, "{}", "Tue, 14 Nov 2023 22:13:50 GMT").wait, 30s);
  EXPECT_EQ(read(429, "{}", "soon").wait, 0s);
  EXPECT_EQ(read(429, "{}", "999999").wait, 1h);
}

TEST(TeamsDelivery, AGatewayThatGaveUpDoesNotKnowWhetherItArrived) {
  EXPECT_FALSE(read(502).certainly_not_posted);
  EXPECT_FALSE(read(504).certainly_not_posted);
  EXPECT_FALSE(read(500).certainly_not_posted);
  EXPECT_FALSE(read(408).certainly_not_posted);
  EXPECT_TRUE(read(429).certainly_not_posted);
  EXPECT_TRUE(read_failure(Error{"refused", ErrorKind::not_sent}).certainly_not_posted);
  EXPECT_FALSE(
      read_failure(Error{"not sent, no token", ErrorKind::no_answer}).certainly_not_posted);
}

TEST(TeamsDelivery, RepeatsACodeAndNoText) {
  EXPECT_EQ(read(403, R"({"error":{"code":"MessageWritesBlocked","message":"secret"}})").error,
            "status 403, MessageWritesBlocked");
  EXPECT_EQ(read(403, R"({"error":{"code":"<b>x</b>"}})").error, "status 403");
}

}  // namespace
}  // namespace stayd::teams
