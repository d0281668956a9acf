// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stayd::teams {
namespace {

using testing::HasSubstr;

constexpr const char* kIds = R"(
  tenant: 11111111-1111-4111-8111-11111111111A
  app_id: 22222222-2222-4222-8222-222222222222
)";
const std::string kBot = std::string("teams:\n  mode: bot") + kIds +
                         "  secret_file: /etc/stayd/teams.secret\n"
                         "  listen: \"127.0.0.1:3978\"\n"
                         "  plain_http_on_loopback: true\n";

Result<std::optional<Config>> parse(const std::string& text, const std::string& credentials = "") {
  return parse_config(text, "s.yaml", credentials);
}
std::string error_of(const std::string& text) {
  const auto parsed = parse(text);
  return parsed ? "" : parsed.error().message;
}

TEST(TeamsConfig, ReadsABotBehindAProxyOfThisHost) {
  const auto parsed = parse(kBot);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Config& config = parsed->value();
  EXPECT_EQ(config.mode, Mode::bot);
  EXPECT_EQ(config.cloud, find_cloud("public"));
  EXPECT_EQ(config.tenant, "11111111-1111-4111-8111-11111111111a");
  EXPECT_EQ(config.bot_id(), "28:22222222-2222-4222-8222-222222222222");
  EXPECT_EQ(std::get<SecretFile>(config.proof).path(), "/etc/stayd/teams.secret");
  EXPECT_EQ(config.address, "127.0.0.1");
  EXPECT_EQ(config.port, 3978);
  EXPECT_FALSE(config.tls);
}

TEST(TeamsConfig, ReadsEverything) {
  const auto parsed = parse(std::string("teams:\n  mode: bot\n  cloud: usgov") + kIds +
                                "  certificate: {certificate_file: /c.pem, key_file: teams.key}\n"
                                "  listen: \"[::]:443\"\n"
                                "  tls: {certificate_file: /t.pem, key_file: /k.pem}\n"
                                "  details_url: https://stayd.example.com/\n"
                                "  ca_file: /ca.pem\n"
                                "  channels: {data-stewards: \"19:abc@thread.tacv2\"}\n",
                            "/run/credentials/stayd.service");
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Config& config = parsed->value();
  EXPECT_EQ(std::get<http::CertificateFiles>(config.proof).key,
            "/run/credentials/stayd.service/teams.key");
  EXPECT_EQ(config.address, "::");
  EXPECT_EQ(config.tls->certificate, "/t.pem");
  EXPECT_EQ(config.details_url, "https://stayd.example.com");
  EXPECT_EQ(config.channels.at("data-stewards"), "19:abc@thread.tacv2");
  EXPECT_EQ(config.service_hosts.front(), "smba.infra.gov.teams.microsoft.us");
}

TEST(TeamsConfig, AWorkflowNeedsItsUrlOnly) {
  const auto parsed = parse("teams: {mode: workflow, workflow_url_file: /w}\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->value().workflow_url_file, "/w");
}

TEST(TeamsConfig, WithoutTeamsThereIsNone) {
  const auto parsed = parse("{}\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_FALSE(*parsed);
  const auto missing = load_config("/nonexistent/stayd.yaml", "");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
}

TEST(TeamsConfig, ErrorsSayWhereAndWhatToWrite) {
  EXPECT_THAT(error_of("teams: {mode: bott}\n"), HasSubstr("s.yaml:1:15: no mode 'bott'; "));
  EXPECT_THAT(error_of("team: {}\n"), HasSubstr("unknown key 'team'; "));
  EXPECT_THAT(error_of("teams: {mode: workflow}\n"), HasSubstr("'workflow_url_file' must be"));
  EXPECT_THAT(error_of(kBot + "  cloud: mars\n"), HasSubstr("no cloud 'mars'"));
  EXPECT_THAT(error_of(kBot + "  cloud: china\n"), HasSubstr("add 'service_hosts: [HOST]'"));
  EXPECT_THAT(error_of(kBot + "  service_hosts: [Smba.Example]\n"), HasSubstr("no host"));
  EXPECT_THAT(error_of(kBot + "  channels: {g: \"19:a/../b\"}\n"), HasSubstr("is not a channel"));
  EXPECT_THAT(error_of(kBot + "  details_url: http://x.example\n"), HasSubstr("https URL"));
  EXPECT_THAT(error_of(kBot + "  certificate: {certificate_file: /c, key_file: /k}\n"),
              HasSubstr("both 'secret_file' and 'certificate'"));
  EXPECT_THAT(error_of(kBot + "  tls: {certificate_file: /c, key_file: /k}\n"),
              HasSubstr("not both"));
}

TEST(TeamsConfig, PlainHttpIsForLoopbackOnly) {
  std::string text = kBot;
  text.replace(text.find("127.0.0.1"), 9, "0.0.0.0");
  EXPECT_THAT(error_of(text), HasSubstr("plain HTTP is for loopback addresses"));
}

TEST(TeamsConfig, ABareNameIsACredential) {
  std::string text = kBot;
  text.replace(text.find("/etc/stayd/teams.secret"), 23, "teams.secret");
  EXPECT_THAT(error_of(text), HasSubstr("would be a credential"));
  EXPECT_TRUE(parse(text, "/run/c"));
}

}  // namespace
}  // namespace stayd::teams
