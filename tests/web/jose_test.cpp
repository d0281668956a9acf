// SPDX-License-Identifier: Apache-2.0
//
// Our tokens and those of the npm package jose, each checked by the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

#include "base/base64.h"
#include "identity/jwt.h"
#include "identity/jwt_signer.h"
#include "identity/token_request.h"
#include "support/certificates.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using nlohmann::json;

const std::string kScript = std::string(STAYD_SOURCE_DIR) + "/tests/web/jose.mjs";

TEST(Jose, TokensThatItMakesAreJudgedAsTheyShouldBe) {
  const TokenExpectations expected{"https://api.botframework.com",
                                   "22222222-2222-4222-8222-222222222222"};
  const TimePoint now(std::chrono::seconds(1'770'000'000));
  std::istringstream lines(
      test::node({kScript, "vectors", expected.issuer, expected.audience, "1770000000"}, ""));
  int vectors = 0;
  int accepted = 0;
  for (std::string line; std::getline(lines, line); ++vectors) {
    const json vector = json::parse(line);
    const Result<KeySet> keys = KeySet::parse(vector["keys"].get<std::string>());
    ASSERT_TRUE(keys) << vector["name"];
    const TokenResult result =
        verify_token(vector["token"].get<std::string>(), *keys, expected, now);
    const std::string verdict = result ? "accepted" : std::string(name_of(result.error().check));
    EXPECT_EQ(verdict, vector["expected"].get<std::string>()) << vector["name"];
    if (!result) continue;
    ++accepted;
    // What we take, others must have no reason to refuse.
    EXPECT_EQ(vector["jose"].get<std::string>(), "accepted") << vector["name"];
    if (!result->endorsements.empty()) EXPECT_EQ(result->endorsements.front(), "msteams");
  }
  EXPECT_EQ(vectors, 40);
  EXPECT_EQ(accepted, 4);
}

TEST(Jose, AcceptsTheAssertionsThatWeSign) {
  const auto ours = test::CertificateAuthority().issue({.rsa = true});
  const Result<JwtSigner> signer = JwtSigner::parse(ours.certificate, ours.key);
  ASSERT_TRUE(signer) << signer.error().message;
  const std::string audience = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const json claims = {{"aud", audience}, {"iss", "app"}, {"sub", "app"},    {"jti", "nonce"},
                       {"nbf", now},      {"iat", now},   {"exp", now + 600}};
  const json question = {{"token", *signer->sign(claims)},
                         {"certificate", ours.certificate},
                         {"audience", audience},
                         {"client", "app"}};
  const json said = json::parse(test::node({kScript, "assertion"}, question.dump()));
  EXPECT_EQ(said["payload"], claims);
  EXPECT_EQ(said["protectedHeader"]["alg"], "PS256");
  EXPECT_EQ(said["protectedHeader"]["x5t#S256"], said["thumbprint"]);
}

TEST(Jose, RefusesAnAssertionThatWasChanged) {
  const auto ours = test::CertificateAuthority().issue({.rsa = true});
  const Result<JwtSigner> signer = JwtSigner::parse(ours.certificate, ours.key);
  ASSERT_TRUE(signer);
  std::string token = *signer->sign({{"iss", "app"}, {"sub", "app"}});
  token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
  const json question = {
      {"token", token}, {"certificate", ours.certificate}, {"audience", ""}, {"client", "app"}};
  EXPECT_THROW(test::node({kScript, "assertion"}, question.dump()), std::runtime_error);
}

}  // namespace
}  // namespace stayd
