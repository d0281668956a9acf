// SPDX-License-Identifier: Apache-2.0
#include "identity/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include "base/base64.h"
#include "support/test_issuer.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::TestIssuer;
using testing::ElementsAre;

constexpr TimePoint kNow(1'770'000'000s);
constexpr std::int64_t kSeconds = 1'770'000'000;
const TokenExpectations kExpected{"https://api.botframework.com", "app"};

const TestIssuer& issuer() {
  static const TestIssuer kIssuer;
  return kIssuer;
}
const TestIssuer& stranger() {
  static const TestIssuer kStranger("k1");
  return kStranger;
}

json claims() {
  return {{"iss", kExpected.issuer},
          {"aud", kExpected.audience},
          {"nbf", kSeconds - 60},
          {"exp", kSeconds + 3600},
          {"serviceurl", "https://smba.trafficmanager.net/teams/"}};
}
json claims_with(const char* name, json value) {
  json changed = claims();
  changed[name] = std::move(value);
  return changed;
}
json header_with(const char* name, json value) {
  json header = {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}};
  header[name] = std::move(value);
  return header;
}

// "accepted", or the name of the check that failed.
std::string outcome(std::string_view token, TimePoint now = kNow) {
  static const KeySet kKeys = *KeySet::parse(issuer().key_set());
  const TokenResult result = verify_token(token, kKeys, kExpected, now);
  return result ? "accepted" : std::string(name_of(result.error().check));
}
std::string outcome_of(const json& changed) { return outcome(issuer().sign(changed)); }
std::string outcome_of(const json& header, const json& changed) {
  return outcome(issuer().sign(header.dump(), changed.dump()));
}

TEST(Jwt, AGoodTokenIsAcceptedWithItsClaims) {
  json key = issuer().jwk();
  key["endorsements"] = {"msteams"};
  const KeySet keys = *KeySet::parse(json{{"keys", {key}}}.dump());
  const TokenResult token = verify_token(issuer().sign(claims()), keys, kExpected, kNow);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->claims["serviceurl"], "https://smba.trafficmanager.net/teams/");
  EXPECT_EQ(token->key_id, "k1");
  EXPECT_THAT(token->endorsements, ElementsAre("msteams"));
}

TEST(Jwt, OfAnotherKeyIsRefused) {
  EXPECT_EQ(outcome(stranger().sign(claims())), "signature");  // with the name of a known key
  EXPECT_EQ(outcome(TestIssuer("k2").sign(claims())), "unknown_key");
}

TEST(Jwt, ThatWasChangedIsRefused) {
  const std::string token = issuer().sign(claims());
  const std::string other = issuer().sign(claims_with("aud", "other"));
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const std::string header = token.substr(0, first + 1);
  const std::string changed = base64url(claims_with("admin", true).dump());
  EXPECT_EQ(outcome(header + changed + token.substr(second)), "signature");
  EXPECT_EQ(outcome(token.substr(0, second) + other.substr(other.rfind('.'))), "signature");
  for (std::size_t i = second + 1; i < token.size() - 1; i += 31) {
    std::string broken = token;
    broken[i] = broken[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(broken), "signature") << i;
  }
}

TEST(Jwt, WithoutASignatureIsRefused) {
  const std::string token = issuer().sign(claims());
  const std::string unsigned_token = token.substr(0, token.rfind('.') + 1);
  EXPECT_EQ(outcome(unsigned_token), "signature");
  EXPECT_EQ(outcome(unsigned_token + base64url(std::string(256, '\0'))), "signature");
  EXPECT_EQ(outcome(unsigned_token + base64url(std::string(1, '\1'))), "signature");
  EXPECT_EQ(outcome(unsigned_token + base64url(std::string(512, '\1'))), "signature");
}

TEST(Jwt, AlgorithmsThatTheSenderWouldLikeAreRefused) {
  for (const char* name : {"none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS384", "RS512",
                           "PS256", "ES256", "EdDSA", "rs256", "RS256 "})
    EXPECT_EQ(outcome_of(header_with("alg", name), claims()), "algorithm") << name;
  for (const json& value : {json(), json(256), json({"RS256"}), json(true)})
    EXPECT_EQ(outcome_of(header_with("alg", value), claims()), "algorithm") << value;
  EXPECT_EQ(outcome_of({{"kid", "k1"}}, claims()), "algorithm");
}

TEST(Jwt, ThePublicKeyIsNoSecretToSignWith) {
  const std::string bytes =
      base64url(header_with("alg", "HS256").dump()) + "." + base64url(claims().dump());
  for (const std::string& secret :
       {issuer().jwk().dump(), issuer().jwk()["n"].get<std::string>(), issuer().key_set()}) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac, &size);
    EXPECT_EQ(outcome(bytes + "." + base64url({reinterpret_cast<const char*>(mac), size})),
              "algorithm");
  }
}

TEST(Jwt, KeysThatItBringsAlongCountForNothing) {
  json header = header_with("jwk", stranger().jwk());
  header["jku"] = "https://evil.example/keys";
  header["x5u"] = "https://evil.example/certificate";
  header["x5c"] = {"MII"};
  EXPECT_EQ(outcome(stranger().sign(header.dump(), claims().dump())), "signature");
  EXPECT_EQ(outcome_of(header, claims()), "accepted");
}

TEST(Jwt, ExtensionsThatMustBeUnderstoodAreRefused) {
  for (const json& value : {json({"exp"}), json({"b64"}), json::array(), json()})
    EXPECT_EQ(outcome_of(header_with("crit", value), claims()), "critical") << value;
}

TEST(Jwt, TheNameOfTheKeyIsNeeded) {
  EXPECT_EQ(outcome_of({{"alg", "RS256"}}, claims()), "key_id");
  for (const json& value : {json(), json(""), json(1), json({"k1"})})
    EXPECT_EQ(outcome_of(header_with("kid", value), claims()), "key_id") << value;
  EXPECT_EQ(outcome_of(header_with("kid", "../k1"), claims()), "unknown_key");
  EXPECT_EQ(outcome_of(header_with("kid", std::string("k1\0", 3)), claims()), "unknown_key");
}

TEST(Jwt, OfAnotherKindIsRefused) {
  EXPECT_EQ(outcome_of({{"alg", "RS256"}, {"kid", "k1"}}, claims()), "accepted");
  EXPECT_EQ(outcome_of(header_with("typ", "jwt"), claims()), "accepted");
  for (const json& value : {json("at+jwt"), json("logout+jwt"), json("JOSE"), json(), json(1)})
    EXPECT_EQ(outcome_of(header_with("typ", value), claims()), "type") << value;
}

TEST(Jwt, TheIssuerMustBeExactlyTheOneExpected) {
  for (const json& value :
       {json("https://api.botframework.com/"), json("https://API.botframework.com"),
        json("https://api.botframework.com.evil"), json(""), json(), json({kExpected.issuer})})
    EXPECT_EQ(outcome_of(claims_with("iss", value)), "issuer") << value;
  json changed = claims();
  changed.erase("iss");
  EXPECT_EQ(outcome_of(changed), "issuer");
}

TEST(Jwt, TheAudienceMustBeExactlyTheOneExpectedAndNoList) {
  for (const json& value : {json("App"), json("app "), json(""), json(), json({"app"}),
                            json({"app", "other"}), json({{"app", true}}), json(1)})
    EXPECT_EQ(outcome_of(claims_with("aud", value)), "audience") << value;
  json changed = claims();
  changed.erase("aud");
  EXPECT_EQ(outcome_of(changed), "audience");
}

TEST(Jwt, NothingIsAcceptedWhereNothingIsExpected) {
  const KeySet keys = *KeySet::parse(issuer().key_set());
  json empty = claims_with("iss", "");
  EXPECT_FALSE(verify_token(issuer().sign(empty), keys, {"", "app"}, kNow));
  empty = claims_with("aud", "");
  EXPECT_FALSE(verify_token(issuer().sign(empty), keys, {kExpected.issuer, ""}, kNow));
}

TEST(Jwt, ClocksMayDifferByFiveMinutes) {
  EXPECT_EQ(outcome_of(claims_with("exp", kSeconds - 299)), "accepted");
  EXPECT_EQ(outcome_of(claims_with("exp", kSeconds - 300)), "expiry");
  EXPECT_EQ(outcome_of(claims_with("exp", kSeconds - 301)), "expiry");
  EXPECT_EQ(outcome_of(claims_with("nbf", kSeconds + 299)), "accepted");
  EXPECT_EQ(outcome_of(claims_with("nbf", kSeconds + 300)), "accepted");
  EXPECT_EQ(outcome_of(claims_with("nbf", kSeconds + 301)), "begin");
}

TEST(Jwt, BothTimesAreNeededAndWholeNumbers) {
  const std::vector<json> values = {json(),
                                    json("1770003600"),
                                    json(1770003600.5),
                                    json(1e300),
                                    json(-1),
                                    json(true),
                                    json({1770003600}),
                                    json(std::numeric_limits<std::int64_t>::min())};
  for (const json& value : values) {
    EXPECT_EQ(outcome_of(claims_with("exp", value)), "expiry") << value;
    EXPECT_EQ(outcome_of(claims_with("nbf", value)), "begin") << value;
  }
  // A number of exactly this value, but not written as an integer.
  const std::string header = header_with("typ", "JWT").dump();
  std::string text = claims().dump();
  text.replace(text.find("1770003600"), 10, "1.7700036e9");
  EXPECT_EQ(outcome(issuer().sign(header, text)), "expiry");
  for (const char* name : {"exp", "nbf"}) {
    json changed = claims();
    changed.erase(name);
    EXPECT_NE(outcome_of(changed), "accepted") << name;
  }
}

TEST(Jwt, TimesBeyondAllCalendarsDoNotWrapAround) {
  EXPECT_EQ(outcome_of(claims_with("exp", std::numeric_limits<std::uint64_t>::max())), "expiry");
  EXPECT_EQ(outcome_of(claims_with("exp", std::numeric_limits<std::int64_t>::max())), "expiry");
  EXPECT_EQ(outcome_of(claims_with("exp", 253'402'300'799)), "accepted");
  EXPECT_EQ(outcome_of(claims_with("nbf", std::numeric_limits<std::uint64_t>::max())), "begin");
  const std::string header = header_with("typ", "JWT").dump();
  std::string text = claims().dump();
  text.replace(text.find("1770003600"), 10, "99999999999999999999999999");
  EXPECT_EQ(outcome(issuer().sign(header, text)), "expiry");
}

TEST(Jwt, OtherClaimsAreOfTheirType) {
  EXPECT_EQ(outcome_of(claims_with("sub", 1)), "claims");
  EXPECT_EQ(outcome_of(claims_with("jti", json::array())), "claims");
  EXPECT_EQ(outcome_of(claims_with("iat", "now")), "claims");
  EXPECT_EQ(outcome_of(claims_with("iat", 1.5)), "accepted");
  EXPECT_EQ(outcome_of(claims_with("sub", "s")), "accepted");
}

TEST(Jwt, AMemberThatIsThereTwiceIsRefused) {
  const std::string header = header_with("typ", "JWT").dump();
  std::string twice = claims().dump();
  twice.insert(1, R"("aud":"other",)");
  EXPECT_EQ(outcome(issuer().sign(header, twice)), "json");
  EXPECT_EQ(outcome(issuer().sign(R"({"alg":"none","alg":"RS256","kid":"k1"})", claims().dump())),
            "json");
  std::string nested = claims().dump();
  nested.insert(1, R"("x":{"y":1,"\u0079":2},)");
  EXPECT_EQ(outcome(issuer().sign(header, nested)), "json");
}

TEST(Jwt, WhatIsNoJsonObjectIsRefused) {
  const std::string header = header_with("typ", "JWT").dump();
  for (const char* text : {"", "[]", "null", "1", "\"x\"", "{", "{}x", "\xff", "{\"a\":\"\xff\"}",
                           "{a:1}", "{\"a\":1,}", "{\"a\":NaN}"}) {
    EXPECT_EQ(outcome(issuer().sign(header, text)), "json") << text;
    EXPECT_EQ(outcome(issuer().sign(text, claims().dump())), "json") << text;
  }
  const std::string deep = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(outcome(issuer().sign(header, deep)), "json");
}

TEST(Jwt, OfMoreOrFewerPartsIsRefused) {
  const std::string token = issuer().sign(claims());
  for (const std::string& text : {std::string(), std::string("a"), std::string("a.b"), token + ".",
                                  token + ".x", "." + token, token.substr(0, token.rfind('.'))})
    EXPECT_EQ(outcome(text), "form") << text;
  EXPECT_NE(outcome(".."), "accepted");
}

TEST(Jwt, InAnythingButStrictBase64UrlIsRefused) {
  const std::string token = issuer().sign(claims());
  const std::size_t dot = token.find('.');
  EXPECT_EQ(outcome(token.substr(0, dot) + "=" + token.substr(dot)), "encoding");
  EXPECT_EQ(outcome(token + "="), "encoding");
  EXPECT_EQ(outcome(token + "\n"), "encoding");
  EXPECT_EQ(outcome(" " + token), "encoding");
  EXPECT_EQ(outcome("Bearer " + token), "encoding");
  std::string standard = token;  // the usual alphabet of base64
  standard.back() = '+';
  EXPECT_EQ(outcome(standard), "encoding");
  std::string other_bits = token;  // the last letter of 256 bytes has four bits to spare
  other_bits.back() = static_cast<char>(other_bits.back() + 1);
  EXPECT_EQ(outcome(other_bits), "encoding");
}

TEST(Jwt, IsBounded) {
  EXPECT_EQ(outcome_of(claims_with("x", std::string(11'000, 'x'))), "accepted");
  EXPECT_EQ(outcome_of(claims_with("x", std::string(13'000, 'x'))), "size");
  EXPECT_EQ(outcome(std::string(1 << 20, 'a')), "size");
}

TEST(Jwt, TheFailureRepeatsNothingOfTheToken) {
  const KeySet keys = *KeySet::parse(issuer().key_set());
  for (const char* name : {"iss", "aud"}) {
    const TokenResult result =
        verify_token(issuer().sign(claims_with(name, "s3cret")), keys, kExpected, kNow);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace stayd
