// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stayd::http {
namespace {

using testing::HasSubstr;
using testing::Not;

Url url(std::string_view text) {
  const Result<Url> parsed = parse_url(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
  return parsed ? *parsed : Url{};
}

TEST(Url, IsTakenApart) {
  const Url parsed = url("https://Login.Example.com:8443/a%3A1/b?c=d&e=%20");
  EXPECT_TRUE(parsed.secure);
  EXPECT_EQ(parsed.host, "login.example.com");
  EXPECT_EQ(parsed.port, 8443);
  EXPECT_EQ(parsed.target, "/a%3A1/b?c=d&e=%20");
  EXPECT_EQ(parsed.origin(), "https://login.example.com:8443");
  EXPECT_FALSE(parsed.is_address());
}

TEST(Url, HasAPortAndAPathEvenWhereItIsSilent) {
  EXPECT_EQ(url("https://h").port, 443);
  EXPECT_EQ(url("http://h").port, 80);
  EXPECT_EQ(url("https://h").target, "/");
  EXPECT_EQ(url("https://h?q").target, "/?q");
  EXPECT_EQ(url("HTTPS://h:443/").text(), "https://h/");
  EXPECT_EQ(url("http://h:443/").text(), "http://h:443/");
}

TEST(Url, MayNameAnAddress) {
  EXPECT_EQ(url("https://192.0.2.1:1/").host, "192.0.2.1");
  EXPECT_TRUE(url("https://192.0.2.1/").is_address());
  EXPECT_EQ(url("https://[2001:DB8::0:1]/").host, "2001:db8::1");
  EXPECT_EQ(url("https://[2001:db8::1]:8443/").origin(), "https://[2001:db8::1]:8443");
  EXPECT_TRUE(url("https://[::1]/").is_address());
}

TEST(Url, ANameMayBeginLikeAnAddress) {
  EXPECT_EQ(url("https://192.0.2.1.example.com/").host, "192.0.2.1.example.com");
  EXPECT_EQ(url("https://192.0.2.1example.com/x").host, "192.0.2.1example.com");
}

TEST(Url, LeavesPunycodeAlone) {
  EXPECT_EQ(url("https://xn--bcher-kva.example/").host, "xn--bcher-kva.example");
  EXPECT_FALSE(
      parse_url("https://b\xc3\xbc"
                "cher.example/"));
}

TEST(Url, OfAnotherSchemeIsRefused) {
  for (const char* text : {"ftp://h/", "file:///etc/passwd", "wss://h/", "javascript:alert(1)",
                           "//h/", "/path", "h", "https:", "https:h", "https:/h", "https:///h", ""})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, ThatCouldBeReadInTwoWaysIsRefused) {
  for (const char* text : {"https://good.example@evil.example/",
                           "https://:@h/",
                           "https://@h/",
                           "https://good.example\\@evil.example/",
                           "https://h/#x",
                           "https://h#@evil/",
                           "https://h /",
                           " https://h/",
                           "https://h/\n",
                           "https://h/a b",
                           "https://h\t/",
                           "https://h%2eexample/",
                           "https://h%00/",
                           "https://h,evil/",
                           "https://(h)/",
                           "https://h../",
                           "https://.h/",
                           "https://h./",
                           "https://-h/",
                           "https://h-/",
                           "https://[::1%25eth0]/",
                           "https://[fe80::1%eth0]/",
                           "https://[v1.x]/",
                           "https://[::1/",
                           "https://::1/",
                           "https://h/\xc3\xa9",
                           "https://h:80:80/",
                           "https://[::1].evil.example/",
                           "https://h%zz/",
                           "https://h/%zz",
                           "https://h/%",
                           "https://h/%4",
                           "https://[1.2.3.4]/",
                           "https://[h]/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url(std::string_view("https://192.0.2.7\0.evil.example/", 32)));
  EXPECT_FALSE(parse_url(std::string_view("https://[::1\0]/", 15)));
}

TEST(Url, WhoseNameAResolverTakesForAnAddressIsRefused) {
  for (const char* text :
       {"https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
        "https://127.0.0.1.1/", "https://1.2.3.999/", "https://a.0x1/", "https://017700000001/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_TRUE(parse_url("https://3com.example/"));
}

TEST(Url, WithAnImpossiblePortIsRefused) {
  for (const char* text :
       {"https://h:0/", "https://h:/", "https://h:65536/", "https://h:99999/", "https://h:-1/",
        "https://h:443x/", "https://h:4294967739/", "https://h:184467440737095516590/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_EQ(url("https://h:65535/").port, 65535);
  EXPECT_EQ(url("https://h:00443/").port, 443);
}

TEST(Url, IsBounded) {
  const std::string base = "https://h/";
  EXPECT_TRUE(parse_url(base + std::string(kMaxUrl - base.size(), 'x')));
  EXPECT_FALSE(parse_url(base + std::string(kMaxUrl - base.size() + 1, 'x')));
  EXPECT_TRUE(parse_url("https://" + std::string(63, 'x') + ".example/"));
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'x') + ".example/"));
  std::string name;
  for (int i = 0; i < 127; ++i) name += "a.";
  EXPECT_FALSE(parse_url("https://" + name + "a/"));
}

TEST(Url, AMistakeIsNamedButNotRepeated) {
  const Result<Url> refused = parse_url("https://user:s3cret@h/");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "URL must not have a user or password in it");
  EXPECT_THAT(parse_url("https://h/s3cret s3cret").error().message, Not(HasSubstr("s3cret")));
}

TEST(Url, LoopbackIsRecognised) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host :
       {"128.0.0.1", "::2", "localhost.example", "example.com", "0.0.0.0", "::", "::ffff:10.0.0.1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Url, PercentEncodingLeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("19:abc@thread.tacv2;messageid=1"),
            "19%3Aabc%40thread.tacv2%3Bmessageid%3D1");
  EXPECT_EQ(percent_encode("a-._~Z9"), "a-._~Z9");
  EXPECT_EQ(percent_encode(std::string_view("\0 /?&+\xff", 7)), "%00%20%2F%3F%26%2B%FF");
}

}  // namespace
}  // namespace stayd::http
