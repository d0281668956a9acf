// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.h"

#include "provider.h"
#include "support/test_issuer.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::TestIssuer;
using testing::HasSubstr;

constexpr const char* kIssuer = "https://issuer.example";
constexpr TimePoint kNow(1'770'000'000s);

class KeySourceTest : public ProviderTest {
 protected:
  KeySourceTest() {
    answers("/metadata", json{{"issuer", kIssuer}, {"jwks_uri", origin() + "/keys"}}.dump());
    answers("/keys", first().key_set());
  }
  static const TestIssuer& first() {
    static const TestIssuer kFirst("first");
    return kFirst;
  }
  static const TestIssuer& second() {
    static const TestIssuer kSecond("second");
    return kSecond;
  }
  static std::string token(const TestIssuer& issuer) {
    return issuer.sign(
        json{{"iss", kIssuer}, {"aud", "app"}, {"nbf", 1'770'000'000}, {"exp", 1'770'003'600}});
  }

  void begin() {
    auto made = KeySource::create(loop_.get_executor(), client_,
                                  {url("/metadata"), kIssuer, {"keys.example"}});
    ASSERT_TRUE(made) << made.error().message;
    source_ = std::move(*made);
  }
  std::string outcome(std::string token) {
    const TokenExpectations expected{kIssuer, "app"};
    const TokenResult result = test::run(loop_, source_->verify(std::move(token), expected, kNow));
    return result ? "accepted" : std::string(name_of(result.error().check));
  }

  std::unique_ptr<KeySource> source_;
};

TEST_F(KeySourceTest, FetchesKeysByItselfAndChecksTokensWithThem) {
  begin();
  EXPECT_TRUE(test::run_until(loop_, [&] { return asked("/keys") == 1; }));
  EXPECT_EQ(outcome(token(first())), "accepted");
  EXPECT_EQ(outcome(token(first())), "accepted");
  EXPECT_EQ(asked("/metadata"), 1);
  EXPECT_EQ(asked("/keys"), 1);
}

TEST_F(KeySourceTest, WaitsForTheFirstKeysAndFetchesThemOnceForAll) {
  hold();
  begin();
  std::vector<std::string> outcomes;
  for (int i = 0; i < 5; ++i) {
    auto note = [&outcomes](const std::exception_ptr&, const TokenResult& result) {
      outcomes.push_back(result ? "accepted" : std::string(name_of(result.error().check)));
    };
    const TokenExpectations expected{kIssuer, "app"};
    boost::asio::co_spawn(loop_, source_->verify(token(first()), expected, kNow), std::move(note));
  }
  EXPECT_TRUE(test::run_until(loop_, [&] { return asked("/metadata") == 1; }));
  EXPECT_EQ(outcomes.size(), 0u);
  release();
  EXPECT_TRUE(test::run_until(loop_, [&] { return outcomes.size() == 5; }));
  EXPECT_EQ(outcomes, std::vector<std::string>(5, "accepted"));
  EXPECT_EQ(asked("/metadata"), 1);
}

TEST_F(KeySourceTest, FindsANewKeyWhenATokenNamesIt) {
  begin();
  EXPECT_EQ(outcome(token(first())), "accepted");
  answers("/keys", second().key_set());
  EXPECT_EQ(outcome(token(second())), "accepted");
  EXPECT_EQ(outcome(token(first())), "unknown_key");  // withdrawn
  EXPECT_EQ(asked("/keys"), 2);
}

TEST_F(KeySourceTest, IsNotMadeToFetchByInventedKeys) {
  begin();
  const TestIssuer invented("invented");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(outcome(token(invented)), "unknown_key");
  EXPECT_EQ(asked("/keys"), 2);  // the first time, and one look
}

TEST_F(KeySourceTest, IsNotMadeToFetchByTokensThatFailOtherwise) {
  begin();
  const TestIssuer forger("first");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(token(forger)), "signature");
  EXPECT_EQ(asked("/keys"), 1);
}

TEST_F(KeySourceTest, KeepsItsKeysWhenTheProviderFails) {
  begin();
  EXPECT_EQ(outcome(token(first())), "accepted");
  answers("/keys", "<html>down for maintenance</html>");
  EXPECT_EQ(outcome(token(second())), "unknown_key");
  EXPECT_EQ(asked("/keys"), 2);
  EXPECT_EQ(outcome(token(first())), "accepted");
}

TEST_F(KeySourceTest, DoesNotTakeAnEmptySetForItsKeys) {
  begin();
  EXPECT_EQ(outcome(token(first())), "accepted");
  answers("/keys", R"({"keys":[]})");
  EXPECT_EQ(outcome(token(second())), "unknown_key");
  EXPECT_EQ(outcome(token(first())), "accepted");
}

TEST_F(KeySourceTest, AcceptsNothingWithoutKeys) {
  answers("/keys", "", 503);
  begin();
  EXPECT_EQ(outcome(token(first())), "no_keys");
  EXPECT_EQ(outcome(token(first())), "no_keys");
  EXPECT_EQ(asked("/keys"), 1);  // not for each of them
}

TEST_F(KeySourceTest, EndsAllWaitingWhenItIsStopped) {
  hold();
  begin();
  std::string result;
  auto note = [&result](const std::exception_ptr&, const TokenResult& outcome) {
    result = outcome ? "accepted" : std::string(name_of(outcome.error().check));
  };
  const TokenExpectations expected{kIssuer, "app"};
  boost::asio::co_spawn(loop_, source_->verify(token(first()), expected, kNow), std::move(note));
  EXPECT_TRUE(test::run_until(loop_, [&] { return asked("/metadata") == 1; }));
  source_.reset();
  EXPECT_TRUE(test::run_until(loop_, [&] { return result == "no_keys"; }));
}

// Why keys cannot be fetched.
class KeyFetch : public KeySourceTest {
 protected:
  std::string failure(std::string issuer = kIssuer) {
    KeyLocation location{url("/metadata"), std::move(issuer), {"keys.example"}};
    const Result<KeySet> keys = test::run(loop_, fetch_keys(*client_, std::move(location)));
    return keys ? "none" : keys.error().message;
  }
  std::string failure_of_keys_at(std::string_view where) {
    answers("/metadata", json{{"issuer", kIssuer}, {"jwks_uri", where}}.dump());
    return failure();
  }
};

TEST_F(KeyFetch, Works) { EXPECT_EQ(failure(), "none"); }

TEST_F(KeyFetch, KeysAreTakenFromTheMetadatasHostAndThoseAllowedOnly) {
  EXPECT_THAT(failure_of_keys_at("https://evil.example/keys"),
              HasSubstr("\"jwks_uri\" is at evil.example, which is neither"));
  EXPECT_THAT(failure_of_keys_at("https://169.254.169.254/keys"), HasSubstr("neither"));
  EXPECT_THAT(failure_of_keys_at("https://localhost:1/keys"), HasSubstr("neither"));
  EXPECT_THAT(failure_of_keys_at("https://keys.example:8443/keys"), HasSubstr("neither"));
  EXPECT_THAT(failure_of_keys_at("http://localhost/keys"), HasSubstr("not https"));
  EXPECT_THAT(failure_of_keys_at("https://localhost@evil.example/"), HasSubstr("jwks_uri"));
  const KeyLocation location{url("/metadata"), "", {"keys.example"}};
  EXPECT_TRUE(parse_metadata(R"({"jwks_uri":"https://keys.example/k"})", location));
}

TEST_F(KeyFetch, TheIssuerIsTheOneExpected) {
  EXPECT_THAT(failure("https://other.example"), HasSubstr("\"issuer\" is not"));
  EXPECT_EQ(failure(""), "none");
}

TEST_F(KeyFetch, MetadataThatIsNoneIsAnError) {
  for (const char* text : {"", "<html>", "[]", "{}", R"({"jwks_uri":7})",
                           R"({"jwks_uri":"https://a/","jwks_uri":"https://b/"})"}) {
    answers("/metadata", text);
    EXPECT_THAT(failure(""), HasSubstr("metadata: ")) << text;
  }
  answers("/metadata", "{}", 404);
  EXPECT_THAT(failure(), HasSubstr("metadata: status 404"));
}

TEST_F(KeyFetch, RedirectsAreNotFollowed) {
  answers("/keys", "", 302);
  replies_["/keys"].fields.set("Location", origin() + "/other");
  answers("/other", first().key_set());
  EXPECT_THAT(failure(), HasSubstr("keys: status 302"));
  EXPECT_EQ(asked("/other"), 0);
}

TEST_F(KeyFetch, KeysThatAreTooManyOrNoneAreAnError) {
  answers("/keys", std::string(KeySet::kMax + 1, ' '));
  EXPECT_THAT(failure(), HasSubstr("larger than"));
  answers("/keys", R"({"keys":[{"kty":"EC"}]})");
  EXPECT_THAT(failure(), HasSubstr("keys: none that could be used"));
}

TEST_F(KeyFetch, MetadataInPlainTextIsNotFetched) {
  const Result<std::unique_ptr<KeySource>> source = KeySource::create(
      loop_.get_executor(), client_, {*http::parse_url("http://localhost/metadata"), "", {}});
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr("must be https"));
}

}  // namespace
}  // namespace stayd
