// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "support/test_issuer.h"

namespace stayd {
namespace {

using nlohmann::json;
using test::TestIssuer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TestIssuer& issuer() {
  static const TestIssuer kIssuer;
  return kIssuer;
}

KeySet parse(const json& keys) {
  const Result<KeySet> set = KeySet::parse(json{{"keys", keys}}.dump());
  EXPECT_TRUE(set) << set.error().message;
  return set ? *set : KeySet();
}

// Why a set of this key alone is empty; empty if it is not.
std::string reason(const json& key) {
  const KeySet set = parse(json::array({key}));
  return set.skipped().empty() ? "" : set.skipped().front();
}

json with(const char* member, json value) {
  json key = issuer().jwk();
  key[member] = std::move(value);
  return key;
}

json without(const char* member) {
  json key = issuer().jwk();
  key.erase(member);
  return key;
}

TEST(KeySet, FindsKeysByTheirNames) {
  const TestIssuer other("k2");
  const KeySet set = parse({issuer().jwk(), other.jwk()});
  ASSERT_NE(set.find("k1"), nullptr);
  ASSERT_NE(set.find("k2"), nullptr);
  EXPECT_EQ(EVP_PKEY_eq(set.find("k1")->key.get(), issuer().key()), 1);
  EXPECT_EQ(EVP_PKEY_eq(set.find("k2")->key.get(), other.key()), 1);
  EXPECT_EQ(set.find("k3"), nullptr);
  EXPECT_EQ(set.find(""), nullptr);
  EXPECT_THAT(set.skipped(), IsEmpty());
}

TEST(KeySet, KeepsTheEndorsementsOfEachKey) {
  const KeySet set = parse(json::array({with("endorsements", {"msteams", "webchat"})}));
  EXPECT_THAT(set.find("k1")->endorsements, ElementsAre("msteams", "webchat"));
  EXPECT_THAT(parse(json::array({issuer().jwk()})).find("k1")->endorsements, IsEmpty());
}

TEST(KeySet, TakesWhatProvidersReallyPublish) {
  json key = with("alg", "RS256");
  key["key_ops"] = {"verify"};
  key["x5t"] = "thumbprint";
  key["x5c"] = {"certificate"};
  key["issuer"] = "https://login.example/{tenantid}/v2.0";
  EXPECT_EQ(reason(key), "");
}

TEST(KeySet, SkipsKeysThatAreNotForThis) {
  EXPECT_THAT(reason(with("kty", "EC")), HasSubstr("not an RSA key"));
  EXPECT_THAT(reason(with("kty", "oct")), HasSubstr("not an RSA key"));
  EXPECT_THAT(reason(without("kty")), HasSubstr("not an RSA key"));
  EXPECT_THAT(reason(with("use", "enc")), HasSubstr("not for signatures"));
  EXPECT_THAT(reason(with("use", json())), HasSubstr("not for signatures"));
  EXPECT_THAT(reason(with("alg", "RS512")), HasSubstr("not for RS256"));
  EXPECT_THAT(reason(with("alg", "PS256")), HasSubstr("not for RS256"));
  EXPECT_THAT(reason(with("key_ops", {"sign"})), HasSubstr("not for verifying"));
  EXPECT_THAT(reason(with("key_ops", "verify")), HasSubstr("not for verifying"));
  EXPECT_THAT(reason(with("d", "AQAB")), HasSubstr("a private key, published"));
  EXPECT_THAT(reason(with("k", "AQAB")), HasSubstr("a private key, published"));
  EXPECT_THAT(reason("text"), HasSubstr("no object"));
  EXPECT_THAT(reason(json()), HasSubstr("no object"));
}

TEST(KeySet, SkipsKeysWithoutAFitName) {
  EXPECT_THAT(reason(without("kid")), HasSubstr("no fit \"kid\""));
  EXPECT_THAT(reason(with("kid", "")), HasSubstr("no fit \"kid\""));
  EXPECT_THAT(reason(with("kid", 7)), HasSubstr("no fit \"kid\""));
  EXPECT_THAT(reason(with("kid", std::string(257, 'x'))), HasSubstr("no fit \"kid\""));
}

TEST(KeySet, SkipsWeakKeys) {
  EXPECT_THAT(reason(TestIssuer("weak", 1024).jwk()), HasSubstr("key 1 (weak): of 1024 bits"));
  EXPECT_THAT(reason(TestIssuer("weak", 2047).jwk()), HasSubstr("of 2047 bits"));
  EXPECT_THAT(reason(with("e", base64url("\x01"))), HasSubstr("its exponent is 1"));
  EXPECT_THAT(reason(with("e", base64url("\x02"))), HasSubstr("its exponent is 1, even"));
  EXPECT_THAT(reason(with("e", base64url(std::string(9, '\x01')))), HasSubstr("too large"));
  EXPECT_EQ(reason(TestIssuer("k1", 2048, 3).jwk()), "");
}

TEST(KeySet, AShortKeyIsNotMadeLongByZerosInFrontOfIt) {
  json weak = TestIssuer("weak", 1024).jwk();
  const std::string modulus = *decode_base64url(weak["n"].get<std::string>());
  weak["n"] = base64url(std::string(128, '\0') + modulus);
  EXPECT_THAT(reason(weak), HasSubstr("\"n\" is not a base64url number"));
}

TEST(KeySet, SkipsNumbersThatAreNotInTheirOneForm) {
  for (json value : {json(""), json("AQAB="), json("AQ AB"), json("AAEAAQ"), json(65537), json()}) {
    EXPECT_THAT(reason(with("e", value)), HasSubstr("\"e\" is not a base64url number")) << value;
    EXPECT_THAT(reason(with("n", value)), HasSubstr("\"n\" is not a base64url number")) << value;
  }
  EXPECT_THAT(reason(without("n")), HasSubstr("\"n\" is not a base64url number"));
  EXPECT_THAT(reason(with("n", base64url(std::string(1026, '\xff')))), HasSubstr("\"n\""));
  EXPECT_THAT(reason(with("n", base64url(std::string(1025, '\xff')))), HasSubstr("of 8200 bits"));
  EXPECT_THAT(reason(with("n", base64url(std::string(255, '\xff') + '\xfe'))),
              HasSubstr("of 2048 bits"));  // even
}

TEST(KeySet, SkipsKeysWhoseEndorsementsAreNone) {
  EXPECT_THAT(reason(with("endorsements", "msteams")), HasSubstr("endorsements"));
  EXPECT_THAT(reason(with("endorsements", {"msteams", 7})),
              HasSubstr("an endorsement is not a string"));
  EXPECT_THAT(reason(with("endorsements", json(std::vector<std::string>(65, "x")))),
              HasSubstr("not a short list"));
}

TEST(KeySet, TwoKeysOfOneNameAreBothSkipped) {
  const KeySet set = parse({issuer().jwk(), TestIssuer("k2").jwk(), TestIssuer("k1").jwk()});
  EXPECT_EQ(set.find("k1"), nullptr);
  EXPECT_NE(set.find("k2"), nullptr);
  EXPECT_EQ(set.skipped().size(), 2u);
}

TEST(KeySet, ABadKeyDoesNotSpoilTheOthers) {
  const KeySet set =
      parse({json(7),
             with("kid", "bad\x1b[31m")
                 .patch(json::array({{{"op", "replace"}, {"path", "/kty"}, {"value", "EC"}}})),
             issuer().jwk()});
  EXPECT_NE(set.find("k1"), nullptr);
  EXPECT_THAT(set.skipped(),
              ElementsAre("key 1: no object", "key 2 (bad\\x1b[31m): not an RSA key"));
}

TEST(KeySet, WhatIsNoSetIsAnError) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":null})", "<html>", "{",
                           R"({"keys":[],"keys":[]})", R"({"keys":[[[[[[[[[[]]]]]]]]]]})"})
    EXPECT_FALSE(KeySet::parse(text)) << text;
  EXPECT_TRUE(KeySet::parse(R"({"keys":[]})"));
}

TEST(KeySet, IsBounded) {
  const auto keys = [](std::size_t count) {
    return json{{"keys", std::vector<json>(count, json::object())}}.dump();
  };
  EXPECT_TRUE(KeySet::parse(keys(KeySet::kMaxKeys)));
  EXPECT_FALSE(KeySet::parse(keys(KeySet::kMaxKeys + 1)));
  std::string text = R"({"keys":[]})";
  text.resize(KeySet::kMax, ' ');
  EXPECT_TRUE(KeySet::parse(text));
  EXPECT_FALSE(KeySet::parse(text + ' '));
}

}  // namespace
}  // namespace stayd
