// SPDX-License-Identifier: Apache-2.0
#include "audit/redactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <type_traits>

#include "audit/chain.h"
#include "audit/events.h"
#include "audit/export.h"
#include "audit/journal.h"
#include "base/escape.h"
#include "base/json.h"
#include "support/operation_builder.h"
#include "unit/audit/chain_builder.h"

namespace stayd {
namespace {

using namespace test;
using audit::Redacted;
using audit::Redactor;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Redactor redactor(std::vector<std::string> patterns = {}, std::string key = "key") {
  return *Redactor::create(patterns, std::move(key));
}

json applied(json value) {
  return redactor().apply({{"event", "e"}, {"value", std::move(value)}}).value()["value"];
}

// All of the list as one text, to look for what must not be there.
std::string arguments(std::vector<std::string> list) {
  for (std::string& each : list) each = escape(each, kUnbounded);
  return dump(applied(std::move(list)));
}

TEST(Redactor, ASecretIsReplacedByItsLengthAndAMarkOfItsOwn) {
  const std::string text = redactor().redact("curl --token=hunter2 https://x");
  EXPECT_THAT(text, testing::MatchesRegex(
                        "curl --token=\\[redacted 7 bytes sha256:[0-9a-f]{8}\\] https://x"));
  // One secret, one mark; under another key another one.
  EXPECT_EQ(redactor().redact("TOKEN=hunter2").substr(6),
            redactor().redact("PASSWORD=hunter2").substr(9));
  EXPECT_NE(redactor({}, "other").redact("TOKEN=hunter2"), redactor().redact("TOKEN=hunter2"));
}

TEST(Redactor, KnowsSecretsByWhatStandsBeforeThem) {
  for (const std::string before : {"--password ",
                                   "--password=",
                                   "--db-password ",
                                   "--client-secret=",
                                   "--api-key ",
                                   "PGPASSWORD=",
                                   "AWS_SECRET_ACCESS_KEY=",
                                   "MYSQL_PWD=",
                                   "export GITHUB_TOKEN=",
                                   "https://x/?access_token=",
                                   "Authorization: Bearer ",
                                   "authorization: Basic ",
                                   "Proxy-Authorization: ",
                                   "X-Api-Key: ",
                                   "Private-Token: ",
                                   "Cookie: session=",
                                   "{\"api_key\": \"",
                                   "'client_secret': '",
                                   "https://user:",
                                   "postgres://app:",
                                   "sshpass -p ",
                                   "curl -u bob:",
                                   "mysql -h db -p",
                                   "-----BEGIN RSA PRIVATE KEY-----\n",
                                   "-----BEGIN OPENSSH PRIVATE KEY-----\n"}) {
    const std::string after =
        before.find("://") != before.npos && before.find('?') == before.npos ? "@host/path" : "";
    const std::string text = redactor().redact("run " + before + "hunter2hunter2" + after);
    EXPECT_THAT(text, Not(HasSubstr("hunter2"))) << before;
    EXPECT_THAT(text, HasSubstr("[redacted ")) << before;
    EXPECT_THAT(text, HasSubstr("run ")) << before;
    EXPECT_THAT(text, HasSubstr(after)) << before;
  }
}

TEST(Redactor, KnowsTokensByTheirForm) {
  for (const std::string token :
       {"AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "github_pat_11ABCDEFG0abcdefghijklmnop", "glpat-abcdefghijklmnopqrst",
        "xoxb-123456789012-abcdefghijkl", "sk-proj-abcdefghijklmnopqrstuvwxyz",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefgh"}) {
    EXPECT_THAT(redactor().redact("echo '" + token + "' | sh"), Not(HasSubstr(token))) << token;
    EXPECT_THAT(arguments({"echo", token}), Not(HasSubstr(token))) << token;
  }
}

TEST(Redactor, LeavesAloneWhatIsNoSecret) {
  for (const std::string text :
       {"/srv/customers/list.csv", "files.read.hold: secrets (/etc/ssl/private)",
        "git push --force origin main", "https://example.org/a?b=c", "ssh://host/path",
        "/home/alice/token", "a53fcaebe7a18f65ce7f55a3feafbd117405674d409e6294e55cbf9de439d03",
        "192.0.2.7:443/tcp", "python3 scripts/lib/demo --answer ask", "ssh -p 22 host", "PWD=/srv"})
    EXPECT_EQ(redactor().redact(text), text);
}

TEST(Redactor, AnArgumentIsKnownByTheOneBeforeItAndTakenWhole) {
  EXPECT_THAT(arguments({"mysql", "--password", "two words", "db"}),
              testing::AllOf(Not(HasSubstr("two")), Not(HasSubstr("words")), HasSubstr("\"db\"")));
  EXPECT_THAT(arguments({"env", "PGPASSWORD=two words", "psql"}),
              testing::AllOf(Not(HasSubstr("words")), HasSubstr("PGPASSWORD=[redacted 9 bytes"),
                             HasSubstr("\"psql\"")));
  // What one pattern takes ends with its argument, and hides no other secret.
  const std::string text =
      arguments({"curl", "-H", "Authorization: Bearer abc", "--password", "hunter2", "-H",
                 "Authorization: Bearer def", "https://example.org/path"});
  EXPECT_THAT(
      text, testing::AllOf(Not(HasSubstr("abc")), Not(HasSubstr("hunter2")), Not(HasSubstr("def")),
                           HasSubstr("\"https://example.org/path\"")));
  EXPECT_THAT(arguments({"sh", "-c", "mysql --password hunter2 db"}),
              testing::AllOf(Not(HasSubstr("hunter2")), HasSubstr(" db\"")));
}

TEST(Redactor, SeesThroughWhatEscapingDid) {
  EXPECT_THAT(arguments({"x", "Authorization:  Bearer\thunter2hunter2"}),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(arguments({"x", "--password=\xff\n\x1b{{hunter2"}), Not(HasSubstr("hunter2")));
  const std::string pem = "-----BEGIN PRIVATE KEY-----\nMIIE\nvgIB\n-----END PRIVATE KEY-----";
  EXPECT_THAT(arguments({"x", pem}), testing::AllOf(Not(HasSubstr("MIIE")), Not(HasSubstr("vgIB")),
                                                    HasSubstr("-----END PRIVATE KEY-----")));
}

TEST(Redactor, ASecretIsFoundBeforeALongTextIsCut) {
  const std::string secret(3000, 's');
  const std::string text = arguments({"x", std::string(1000, 'a') + " --token=" + secret});
  EXPECT_THAT(text, Not(HasSubstr("sss")));
  EXPECT_THAT(text, HasSubstr("[redacted 3000 bytes"));
  const std::string cut = applied(escape(std::string(5000, 'a'), kUnbounded)).get<std::string>();
  EXPECT_LE(cut.size(), Redactor::kMaxText);
  EXPECT_THAT(cut, HasSubstr("bytes left out]"));
}

TEST(Redactor, AnOperationsArgumentsAreWholeWhenItSeesThem) {
  Operation operation = an_operation(7);
  operation.kind = OperationKind::exec;
  operation.arguments = {"curl", std::string(600, 'a') + " --token=" + std::string(300, 's')};
  operation.caller.ancestry.push_back({1, "/bin/sh", {"sh", "-c", "PASSWORD=hunter2 agent"}});
  for (const json& event : {audit::operation(operation, "rule"), [&] {
                              Ticket ticket;
                              ticket.operation = operation;
                              return audit::opened(ticket);
                            }()}) {
    const std::string text = dump(redactor().apply(event).value());
    EXPECT_THAT(text, Not(HasSubstr("sss")));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  }
}

TEST(Redactor, NothingThatIsMadeOfTheRecordHasASecret) {
  Ticket ticket;
  ticket.operation = an_operation(7);
  ticket.operation.kind = OperationKind::exec;
  ticket.operation.arguments = {"curl", "-ubob:hunter2", "https://example.org/?sig=hunter2"};
  ticket.operation.caller.ancestry.push_back({1, "/bin/sh", {"sh", "-c", "DB_PASS=hunter2 agent"}});
  ChainBuilder chain;
  chain.add(audit::opened(ticket));
  for (const auto format :
       {audit::ExportFormat::plain, audit::ExportFormat::ocsf, audit::ExportFormat::journal}) {
    const std::string text = audit::Exporter(format).convert(chain.lines().front());
    EXPECT_THAT(text, testing::AllOf(Not(HasSubstr("hunter2")), HasSubstr("[redacted 7 bytes")));
  }
  // What goes to the journal while it is written says nothing of arguments.
  EXPECT_TRUE(audit::entry_of(audit::opened(ticket)).empty());
  EXPECT_TRUE(audit::entry_of(audit::operation(ticket.operation, "rule")).empty());
}

TEST(Redactor, ReachesEveryStringOfAnEvent) {
  const json event = {{"event", "e"},
                      {"time", "t"},
                      {"a", "TOKEN=hunter2"},
                      {"b", {{"c", {1, "TOKEN=hunter2", {{"d", {"TOKEN=hunter2"}}}}}}}};
  const json safe = redactor().apply(event).value();
  EXPECT_EQ(dump(safe).find("hunter2"), std::string::npos) << dump(safe);
  EXPECT_EQ(safe["event"], "e");
}

TEST(Redactor, PatternsOfTheConfigurationComeOnTop) {
  const Redactor own = redactor({"(?i)employee ([0-9]+)", "whole[0-9]"});
  EXPECT_THAT(own.redact("Employee 4711, whole1"),
              testing::MatchesRegex("Employee \\[redacted 4 bytes .*\\], \\[redacted 6 bytes .*"));
  EXPECT_THAT(own.redact("TOKEN=hunter2"), Not(HasSubstr("hunter2")));
  const std::vector<std::string> wrong = {"(unclosed"};
  const Result<Redactor> failed = Redactor::create(wrong, "key");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("redact: '(unclosed' is not a regular expression"));
}

TEST(Redactor, HostileTextsTakeTimeInProportion) {
  const Redactor own = redactor({"(a*)*b", "(x+x+)+y", "a.*b|a"});
  const std::clock_t begin = std::clock();  // the processor's time, whoever else uses it
  for (const std::string piece : {"a", "x", "--token ", "-----BEGIN PRIVATE KEY-----",
                                  "\"token\":", "https://a:", "mysql -", "eyJ", "Cookie:"}) {
    std::string text;
    while (text.size() < 60'000) text += piece;
    (void)own.redact(text);
  }
  EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 60);
  // Too long to be searched: nothing of it is left.
  EXPECT_THAT(redactor().redact(std::string(70'000, 'a')), testing::StartsWith("[redacted 70000"));
  const std::vector<std::string> many(20'000, "a b c");
  EXPECT_THAT(arguments(many), Not(HasSubstr("a b")));
}

// The chain takes nothing else.
static_assert(!std::is_constructible_v<Redacted, json>);
static_assert(!std::is_default_constructible_v<Redacted>);
static_assert(!std::is_invocable_v<decltype(audit::line_text), audit::Head, json>);

}  // namespace
}  // namespace stayd
