// SPDX-License-Identifier: Apache-2.0
#include "identity/token_source.h"

#include "provider.h"

namespace stayd {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class TokenSourceTest : public ProviderTest {
 protected:
  TokenSourceTest() {
    issues("one");
    auto made = TokenSource::create(
        loop_.get_executor(), client_,
        {url("/token"), "app", "scope", SecretFile(write_file("secret", "s3cret\n"))});
    source_ = std::move(*made);
  }
  void issues(const std::string& token, int life = 3600) {
    answers("/token", R"({"token_type":"Bearer","expires_in":)" + std::to_string(life) +
                          R"(,"access_token":")" + token + "\"}");
  }
  std::string token() {
    const Result<std::string> result = test::run(loop_, source_->token());
    return result ? *result : result.error().message;
  }

  std::unique_ptr<TokenSource> source_;
};

TEST_F(TokenSourceTest, AsksOnceAndKeepsTheToken) {
  EXPECT_EQ(token(), "one");
  issues("two");
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(asked("/token"), 1);
  EXPECT_THAT(bodies_.front(), EndsWith("&client_secret=s3cret"));
}

TEST_F(TokenSourceTest, AsksOnceForAllWhoWait) {
  hold();
  std::vector<std::string> tokens;
  for (int i = 0; i < 5; ++i) {
    auto note = [&tokens](const std::exception_ptr&, const Result<std::string>& result) {
      tokens.push_back(result ? *result : result.error().message);
    };
    boost::asio::co_spawn(loop_, source_->token(), std::move(note));
  }
  EXPECT_TRUE(test::run_until(loop_, [&] { return asked("/token") == 1; }));
  release();
  EXPECT_TRUE(test::run_until(loop_, [&] { return tokens.size() == 5; }));
  EXPECT_EQ(tokens, std::vector<std::string>(5, "one"));
  EXPECT_EQ(asked("/token"), 1);
}

TEST_F(TokenSourceTest, RenewsWhileTheTokenOfBeforeIsUsed) {
  issues("one", 2);  // to be renewed after a second
  EXPECT_EQ(token(), "one");
  issues("two");
  hold();
  EXPECT_TRUE(test::run_until(loop_, [&] {
    EXPECT_EQ(token(), "one");  // does not wait for the other
    return asked("/token") == 2;
  }));
  release();
  EXPECT_TRUE(test::run_until(loop_, [&] { return token() == "two"; }));
  EXPECT_EQ(asked("/token"), 2);
}

TEST_F(TokenSourceTest, ARefusedTokenIsNotGivenAgain) {
  EXPECT_EQ(token(), "one");
  issues("two");
  source_->invalidate("another");
  EXPECT_EQ(token(), "one");
  source_->invalidate("one");
  EXPECT_EQ(token(), "no token: the token that was issued last was refused");
  EXPECT_EQ(asked("/token"), 1);  // a new one is asked for a little later
}

TEST_F(TokenSourceTest, ARefusalNamesTheEndpointAndNoSecret) {
  answers("/token",
          R"({"error":"invalid_client","error_description":"s3cret","error_codes":[7000215]})",
          401);
  EXPECT_THAT(token(), AllOf(HasSubstr("no token: " + origin() +
                                       ": status 401, invalid_client, "
                                       "AADSTS7000215: "),
                             Not(HasSubstr("s3cret"))));
  EXPECT_THAT(token(), HasSubstr("AADSTS7000215"));
  EXPECT_EQ(asked("/token"), 1);  // not for each who wants one
}

TEST_F(TokenSourceTest, AFailureIsTriedAgainSoon) {
  answers("/token", "", 503);
  EXPECT_THAT(token(), HasSubstr("status 503"));
  issues("one");
  EXPECT_TRUE(test::run_until(loop_, [&] { return token() == "one"; }));
}

TEST_F(TokenSourceTest, WaitsAsLongAsItIsAskedTo) {
  answers("/token", "", 429);
  replies_["/token"].fields.set(http::field::retry_after, "600");
  EXPECT_THAT(token(), HasSubstr("status 429"));
  issues("one");
  EXPECT_TRUE(test::throughout(test::milliseconds(1200),
                               [&] { return token().find("status 429") != std::string::npos; }));
  EXPECT_EQ(asked("/token"), 1);
}

TEST_F(TokenSourceTest, ANewSecretCountsForTheNextToken) {
  issues("one", 2);
  EXPECT_EQ(token(), "one");
  write_file("secret", "n3w");
  EXPECT_TRUE(test::run_until(loop_, [&] {
    token();
    return asked("/token") == 2;
  }));
  EXPECT_THAT(bodies_.back(), EndsWith("&client_secret=n3w"));
}

TEST_F(TokenSourceTest, WithoutItsSecretNothingIsAsked) {
  ::chmod((directory_ / "secret").c_str(), 0644);
  EXPECT_THAT(token(), HasSubstr("no token: " + (directory_ / "secret") + ": others than"));
  EXPECT_EQ(asked("/token"), 0);
}

TEST_F(TokenSourceTest, EndsAllWaitingWhenItIsStopped) {
  hold();
  std::string outcome;
  auto note = [&outcome](const std::exception_ptr&, const Result<std::string>& result) {
    outcome = result ? *result : result.error().message;
  };
  boost::asio::co_spawn(loop_, source_->token(), std::move(note));
  EXPECT_TRUE(test::run_until(loop_, [&] { return asked("/token") == 1; }));
  source_.reset();
  EXPECT_TRUE(test::run_until(loop_, [&] { return !outcome.empty(); }));
  EXPECT_EQ(outcome, "no token: stayd is stopping");
}

TEST_F(TokenSourceTest, AnEndpointInPlainTextIsRefused) {
  EXPECT_FALSE(TokenSource::create(
      loop_.get_executor(), client_,
      {*http::parse_url("http://localhost/token"), "app", "scope", SecretFile("/nonexistent")}));
}

}  // namespace
}  // namespace stayd
