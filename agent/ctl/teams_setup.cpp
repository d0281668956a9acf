// SPDX-License-Identifier: Apache-2.0
#include "ctl/teams_setup.h"

#include <vector>

#include "base/yaml.h"
#include "http/url.h"

namespace stayd {
namespace {

constexpr std::string_view kPath = "/api/messages";

std::string port_of(const std::string& endpoint) {
  const Result<http::Url> url = http::parse_url(endpoint);
  return url ? std::to_string(url->port) : "443";
}

}  // namespace

Result<std::string> endpoint_host(const std::string& endpoint) {
  const Result<http::Url> url = http::parse_url(endpoint);
  if (!url || !url->secure || url->target != kPath)
    return Error{in_quotes(endpoint) + " is not an endpoint; write https://HOST" +
                 std::string(kPath)};
  return {boost::system::in_place_value, url->host};
}

std::string config_text(const TeamsSetup& setup) {
  const auto file = [&](const char* name) { return setup.directory + "/" + name; };
  std::string text = "teams:\n  mode: " + setup.mode + "\n";
  if (setup.mode == "workflow") return text + "  workflow_url_file: " + file("teams.workflow\n");
  text += "  cloud: " + setup.cloud + "\n  tenant: " + setup.tenant +
          "\n  app_id: " + setup.app_id + "\n  secret_file: " + file("teams.secret\n");
  if (setup.mode != "bot") return text;
  if (setup.behind_proxy)
    return text + "  listen: \"127.0.0.1:3978\"\n  plain_http_on_loopback: true\n";
  return text + "  listen: \"0.0.0.0:" + port_of(setup.endpoint) +
         "\"\n  tls: {certificate_file: " + file("teams.pem") + ", key_file: " + file("teams.key") +
         "}\n";
}

std::string next_steps(const TeamsSetup& setup, const std::string& package) {
  const auto file = [&](const char* name) { return setup.directory + "/" + name; };
  std::vector<std::string> steps;
  if (setup.mode == "workflow") {
    steps.push_back(
        "Put the workflow's URL, which is a secret, where only root can read it:\n"
        "     install -m 600 /dev/stdin " +
        file("teams.workflow"));
  } else {
    steps.push_back(
        "Put the app's client secret where only root can read it:\n"
        "     install -m 600 /dev/stdin " +
        file("teams.secret"));
    if (setup.mode == "bot" && setup.behind_proxy)
      steps.push_back("Let the proxy of this host pass " + setup.endpoint +
                      " on to http://127.0.0.1:3978" + std::string(kPath));
    else if (setup.mode == "bot")
      steps.push_back("Put the certificate for " + setup.endpoint +
                      ", and those that issued it, into\n     " + file("teams.pem") +
                      ", and its key, for root alone, into " + file("teams.key"));
    steps.push_back(
        setup.mode == "bot"
            ? "In Azure, set the bot's messaging endpoint to " + setup.endpoint +
                  ",\n     add the channel Microsoft Teams, and remove every other"
            : "In Azure, add the bot's channel Microsoft Teams, and remove every other");
    steps.push_back("In the Teams admin center, upload " + package +
                    ", and give the app to those who answer");
    steps.push_back("For each of them: stayctl people add ID --teams USER@DOMAIN");
  }
  steps.push_back("systemctl restart stayd, then see what it says: stayctl status");
  if (setup.mode != "workflow")
    steps.push_back("Answer a ticket that holds nothing: stayctl teams test");
  std::string text = "What is left:\n";
  for (std::size_t i = 0; i < steps.size(); ++i)
    text += "  " + std::to_string(i + 1) + ". " + steps[i] + "\n";
  return text;
}

}  // namespace stayd
