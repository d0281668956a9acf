// SPDX-License-Identifier: Apache-2.0
#include "identity/token_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "support/certificates.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr TimePoint kNow(1'770'000'000'999ms);

class TokenRequest : public testing::Test {
 protected:
  std::string write_file(std::string_view name, std::string_view contents) {
    const std::string path = directory_ / name;
    std::ofstream(path) << contents;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  ClientCredentials with_secret(std::string_view secret) {
    return {*http::parse_url("https://login.example/tenant/oauth2/v2.0/token"), "app id",
            "https://api.botframework.com/.default", SecretFile(write_file("secret", secret))};
  }
  ClientCredentials with_certificate(const test::CertificateAndKey& ours) {
    ClientCredentials credentials = with_secret("unused");
    credentials.proof = http::CertificateFiles{write_file("cert.pem", ours.certificate),
                                               write_file("key.pem", ours.key)};
    return credentials;
  }

  test::TempDir directory_;
};

TEST_F(TokenRequest, WithASecretIsAFormOfItsOwn) {
  EXPECT_EQ(*token_request(with_secret("s&c=r+t~\n"), "n", kNow),
            "grant_type=client_credentials&client_id=app%20id"
            "&scope=https%3A%2F%2Fapi.botframework.com%2F.default&client_secret=s%26c%3Dr%2Bt~");
}

TEST_F(TokenRequest, WithACertificateHasAnAssertionForThatEndpoint) {
  const auto ours = test::CertificateAuthority().issue({.rsa = true});
  const std::string form = *token_request(with_certificate(ours), "nonce", kNow);
  const std::string prefix =
      "grant_type=client_credentials&client_id=app%20id"
      "&scope=https%3A%2F%2Fapi.botframework.com%2F.default"
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
      "&client_assertion=";
  ASSERT_THAT(form, StartsWith(prefix));
  const std::string token = form.substr(prefix.size());
  const std::size_t first = token.find('.');
  const json claims =
      json::parse(*decode_base64url(token.substr(first + 1, token.rfind('.') - first - 1)));
  EXPECT_EQ(claims, (json{{"aud", "https://login.example/tenant/oauth2/v2.0/token"},
                          {"iss", "app id"},
                          {"sub", "app id"},
                          {"jti", "nonce"},
                          {"nbf", 1'770'000'000},
                          {"iat", 1'770'000'000},
                          {"exp", 1'770'000'600}}));
}

TEST_F(TokenRequest, CannotBeMadeWithoutItsProof) {
  ClientCredentials credentials = with_secret("s3cret");
  ::chmod((directory_ / "secret").c_str(), 0644);
  EXPECT_THAT(token_request(credentials, "n", kNow).error().message,
              HasSubstr("others than its owner"));
  credentials.proof = SecretFile(directory_ / "missing");
  EXPECT_THAT(token_request(credentials, "n", kNow).error().message, HasSubstr("No such file"));
  auto ours = test::CertificateAuthority().issue({.rsa = true});
  ours.key = test::pem_of(test::new_rsa_key().get());
  EXPECT_THAT(token_request(with_certificate(ours), "n", kNow).error().message,
              HasSubstr("not the key of the certificate"));
}

std::string answer(unsigned status, std::string_view body) {
  const Result<IssuedToken> token = parse_token(status, body);
  return token ? token->value + " " + std::to_string(token->life.count()) : token.error().message;
}

TEST_F(TokenRequest, TheAnswerIsAToken) {
  EXPECT_EQ(answer(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"a.b-c_d=="})"),
            "a.b-c_d== 3599");
  EXPECT_EQ(answer(200, R"({"token_type":"bearer","expires_in":"3599","access_token":"a"})"),
            "a 3599");
  EXPECT_EQ(answer(200, R"({"token_type":"Bearer","expires_in":18446744073709551615,
                            "access_token":"a"})"),
            "a 86400");
}

TEST_F(TokenRequest, AnAnswerThatIsNoTokenIsAnError) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"token_type":"mac","expires_in":1,"access_token":"a"})",
        R"({"expires_in":1,"access_token":"a"})", R"({"token_type":"Bearer","expires_in":1})",
        R"({"token_type":"Bearer","expires_in":1,"access_token":""})",
        R"({"token_type":"Bearer","expires_in":1,"access_token":"a\r\nX: y"})",
        R"({"token_type":"Bearer","expires_in":1,"access_token":["a"]})",
        R"({"token_type":"Bearer","access_token":"a"})",
        R"({"token_type":"Bearer","expires_in":0,"access_token":"a"})",
        R"({"token_type":"Bearer","expires_in":-1,"access_token":"a"})",
        R"({"token_type":"Bearer","expires_in":1.5,"access_token":"a"})",
        R"({"token_type":"Bearer","expires_in":"1x","access_token":"a"})",
        R"({"token_type":"Bearer","expires_in":1,"access_token":"a","access_token":"b"})"})
    EXPECT_FALSE(parse_token(200, body)) << body;
  EXPECT_FALSE(parse_token(201, R"({"token_type":"Bearer","expires_in":9,"access_token":"a"})"));
}

TEST_F(TokenRequest, ARefusalNamesTheCodeAndWhatToDoButNothingElse) {
  EXPECT_EQ(answer(401, R"({"error":"invalid_client","error_description":"AADSTS7000215: s3cret",
                            "error_codes":[7000215],"trace_id":"s3cret"})"),
            "status 401, invalid_client, AADSTS7000215: the secret is wrong: the file needs its "
            "value, not its id");
  EXPECT_EQ(answer(400, R"({"error":"invalid_scope","error_codes":[70011]})"),
            "status 400, invalid_scope, AADSTS70011");
  EXPECT_EQ(answer(400, R"({"error":"S3cret <b>","error_codes":["s3cret"]})"), "status 400");
  EXPECT_EQ(answer(502, "<html>s3cret</html>"), "status 502");
  EXPECT_EQ(answer(302, ""), "status 302");
}

}  // namespace
}  // namespace stayd
