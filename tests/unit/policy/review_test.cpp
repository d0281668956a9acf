// SPDX-License-Identifier: Apache-2.0
#include "policy/review.h"

#include <gtest/gtest.h>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

// "LINE: TEXT" of each remark, one per line.
std::string remarks(const std::string& sections) {
  std::string all;
  for (const Remark& each : review(policy_of(sections)))
    all += std::to_string(each.at.line) + ": " + each.text + "\n";
  return all;
}

TEST(Review, OfRulesAboutTheSamePlaceTheLaxerIsPointedOut) {
  EXPECT_EQ(remarks("files:\n  default: allow\n  read:\n    allow: [/srv]\n    hold: [/srv]\n"),
            "5: 'files.read.allow: /srv' never decides: 'files.read.hold: /srv' in line 6 is as "
            "specific and stricter; remove one\n");
  EXPECT_EQ(remarks("network:\n  default: hold\n  dns: [10.0.0.2]\n  allow: [a.example.org]\n"
                    "  deny: [A.example.org]\n"),
            "5: 'network.allow: a.example.org' never decides: 'network.deny: A.example.org' in "
            "line 6 is as specific and stricter; remove one\n");
}

TEST(Review, WhatIsSaidTwiceIsPointedOutOnce) {
  EXPECT_EQ(
      remarks("exec:\n  default: allow\n  hold: [/usr/bin/ssh]\n  deny: [\"a *\", \"a *\"]\n"),
      "5: 'exec.deny: a *' says what 'exec.deny: a *' in line 5 says; remove one\n");
}

TEST(Review, AnotherAccessPortOrPlaceIsNoRival) {
  EXPECT_EQ(remarks("labels: {l: [/srv, /x]}\nnetwork: {default: hold, allow: [\"10.0.0.1:80\"], "
                    "deny: [\"10.0.0.1:81\", \"10.0.0.1:80/tcp\"]}\nfiles: {default: allow, read: "
                    "{allow: [/srv]}, write: {hold: [/srv]}, delete: {hold: [l], deny: [/x]}}\n"),
            "");
}

TEST(Review, ALabelThatNoRuleIsAboutProtectsNothing) {
  EXPECT_EQ(remarks("labels:\n  a: [/srv]\n  b: [\"**/.env\"]\n  c: [/x]\nflows: [{after: {read: "
                    "c}, network: hold}]\nfiles: {default: allow, read: {hold: [a]}}\n"),
            "4: no rule is about the label 'b'; add one, or remove it\n");
}

TEST(Review, AnApprovalForNoRuleAsksNobody) {
  EXPECT_EQ(remarks("labels: {customer-data: [/srv]}\nfiles: {default: allow, read: {hold: "
                    "[customer-data]}}\napproval:\n  for:\n    - {rule: custmer-data, quorum: 2}\n"
                    "    - {rule: files.default, quorum: 2}\n    - {rule: customer, quorum: 2}\n"),
            "6: no rule's text has 'custmer-data' in it, so this asks nobody; write a part of what "
            "'policy explain' prints\n");
}

TEST(Review, AnAddressThatEndsLikeAPortIsAskedAbout) {
  EXPECT_EQ(remarks("network: {default: hold, allow: [\"2001:db8::1:443\", \"2001:db8::443\", "
                    "\"[2001:db8::2:443]\", \"2001:db8::/32\"]}\n"),
            "2: '2001:db8::1:443' is an address without a port; for port 443 write "
            "\"[2001:db8::1]:443\"\n");
}

}  // namespace
}  // namespace stayd
