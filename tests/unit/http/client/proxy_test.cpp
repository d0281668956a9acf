// SPDX-License-Identifier: Apache-2.0
#include "http/client/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace stayd::http {
namespace {

using testing::HasSubstr;
using testing::Not;

Url url(std::string_view text) { return *parse_url(text); }

TEST(Proxy, IsReadWithAndWithoutItsParts) {
  EXPECT_EQ(parse_proxy("http://proxy.example:3128")->text(), "proxy.example:3128");
  EXPECT_EQ(parse_proxy("http://proxy.example:3128/")->text(), "proxy.example:3128");
  EXPECT_EQ(parse_proxy("proxy.example:3128")->text(), "proxy.example:3128");
  EXPECT_EQ(parse_proxy("proxy.example")->text(), "proxy.example:80");
  EXPECT_EQ(parse_proxy("http://[2001:db8::1]:3128")->text(), "[2001:db8::1]:3128");
  EXPECT_EQ(parse_proxy("proxy.example")->authorization, "");
}

TEST(Proxy, UserAndPasswordBecomeBasicAuthorization) {
  EXPECT_EQ(parse_proxy("http://Aladdin:open%20sesame@p:1")->authorization,
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, section 2
  EXPECT_EQ(parse_proxy("http://a%40b:c%3Ad%40@p:1")->authorization, "Basic YUBiOmM6ZEA=");
  EXPECT_EQ(parse_proxy("user@p:1")->authorization, "Basic dXNlcjo=");
}

TEST(Proxy, AMistakeIsNamedButNotRepeated) {
  for (const char* text : {"https://s3cret@p:1", "socks5://s3cret@p", "http://s3cret%@p",
                           "http://s3cret@p/path", "http://s3cret@", "", "http://p:0", "p q"}) {
    const Result<Proxy> proxy = parse_proxy(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_THAT(proxy.error().message, Not(HasSubstr("s3cret")));
  }
}

TEST(NoProxy, NamesStandForTheirSubdomainsToo) {
  const NoProxy list("example.com, .internal.example,*.wild.example , host:8443");
  for (const char* text : {"https://example.com/", "https://a.example.com/",
                           "https://internal.example/", "https://a.b.internal.example/",
                           "https://a.wild.example/", "https://EXAMPLE.com/", "https://host:8443/"})
    EXPECT_TRUE(list.covers(url(text))) << text;
  for (const char* text : {"https://notexample.com/", "https://example.com.evil/", "https://host/",
                           "https://example.org/", "https://192.0.2.1/"})
    EXPECT_FALSE(list.covers(url(text))) << text;
}

TEST(NoProxy, AddressesAndNetworksAreCompared) {
  const NoProxy list("192.0.2.1,10.0.0.0/8,2001:db8::/32,[2001:db9::1]:8443,2001:dba::1");
  for (const char* text :
       {"https://192.0.2.1/", "https://10.255.0.1/", "https://[2001:db8:ffff::1]/",
        "https://[2001:db9::1]:8443/", "https://[2001:dba::1]/", "https://[::ffff:10.0.0.1]/"})
    EXPECT_TRUE(list.covers(url(text))) << text;
  for (const char* text : {"https://192.0.2.10/", "https://11.0.0.1/", "https://[2001:db9::1]/",
                           "https://[2001:dbb::1]/"})
    EXPECT_FALSE(list.covers(url(text))) << text;
}

TEST(NoProxy, AStarStandsForAllAndLoopbackIsAlwaysCovered) {
  EXPECT_TRUE(NoProxy("*").covers(url("https://any.example/")));
  EXPECT_FALSE(NoProxy("").covers(url("https://any.example/")));
  for (const char* text : {"https://localhost/", "https://127.0.0.1:1/", "https://[::1]/"})
    EXPECT_TRUE(NoProxy("").covers(url(text))) << text;
}

TEST(NoProxy, WhatCannotBeReadCoversNothing) {
  for (const char* text : {"::", "[", "]", "[]", ":", ":80", "host:x", "10.0.0.0/x", "10.0.0.0/99",
                           ",,,", "/", "[:1", "."})
    EXPECT_FALSE(NoProxy(text).covers(url("https://h.example/"))) << text;
}

class ProxyEnvironment : public testing::Test {
 protected:
  std::string proxy_for(std::string_view text) {
    const auto variable = [this](const char* name) -> const char* {
      const auto found = variables_.find(name);
      return found == variables_.end() ? nullptr : found->second.c_str();
    };
    const Result<ProxyRules> rules = proxy_from_environment(variable);
    if (!rules) return rules.error().message;
    const Proxy* proxy = rules->proxy_for(url(text));
    return proxy == nullptr ? "none" : proxy->text();
  }

  std::map<std::string, std::string> variables_;
};

TEST_F(ProxyEnvironment, EachSchemeHasItsVariable) {
  EXPECT_EQ(proxy_for("https://h/"), "none");
  variables_ = {{"HTTPS_PROXY", "s:1"}, {"HTTP_PROXY", "p:2"}, {"NO_PROXY", "direct.example"}};
  EXPECT_EQ(proxy_for("https://h/"), "s:1");
  EXPECT_EQ(proxy_for("http://h/"), "p:2");
  EXPECT_EQ(proxy_for("https://direct.example/"), "none");
}

TEST_F(ProxyEnvironment, LowerCaseGoesFirstAndEmptyIsNone) {
  variables_ = {{"https_proxy", "lower:1"}, {"HTTPS_PROXY", "upper:1"}};
  EXPECT_EQ(proxy_for("https://h/"), "lower:1");
  variables_ = {{"https_proxy", ""}, {"HTTPS_PROXY", "upper:1"}, {"no_proxy", ""}};
  EXPECT_EQ(proxy_for("https://h/"), "upper:1");
}

TEST_F(ProxyEnvironment, AMistakeNamesTheVariable) {
  variables_ = {{"HTTPS_PROXY", "socks5://h"}};
  EXPECT_THAT(proxy_for("https://h/"), HasSubstr("HTTPS_PROXY: "));
}

}  // namespace
}  // namespace stayd::http
