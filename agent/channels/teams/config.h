// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret_file.h"
#include "channels/teams/cloud.h"
#include "http/tls.h"
#include "http/url.h"

namespace stayd::teams {

enum class Mode : std::uint8_t {
  bot,       // cards with buttons; Teams must be able to reach us
  notify,    // the bot posts and updates, people answer elsewhere; outbound only
  workflow,  // a Power Automate workflow posts; nothing is updated, and nothing comes back
};

// The part `teams` of stayd.yaml:
//
//   teams:
//     mode: bot
//     cloud: public                # public | usgov | china
//     tenant: GUID
//     app_id: GUID                 # the bot's client id
//     secret_file: /etc/stayd/teams.secret
//                                  # or certificate: {certificate_file: …, key_file: …}
//     listen: "0.0.0.0:3978"       # bot only; also "[::]:3978"
//     tls: {certificate_file: …, key_file: …}
//                                  # or plain_http_on_loopback: true
//     details_url: https://stayd.example.com
//     ca_file: /etc/ssl/own-ca.pem # trusted besides the system's
//     service_hosts: [HOST]        # that get our token, besides the cloud's
//     channels: {GROUP: "19:…@thread.tacv2"}
//     workflow_url_file: /etc/stayd/teams.workflow   # workflow only
//
// A secret's path without '/' is a credential of systemd.exec(5).
struct Config {
  Mode mode = Mode::bot;
  const Cloud* cloud = nullptr;  // not of workflow
  std::string tenant;            // both canonical GUIDs; not of workflow
  std::string app_id;
  std::variant<SecretFile, http::CertificateFiles> proof = SecretFile("");  // not of workflow
  std::string address;                                                      // of bot
  std::uint16_t port = 0;
  std::optional<http::CertificateFiles> tls;    // none: plain HTTP, on a loopback address
  std::string details_url;                      // without '/' at its end; empty: cards have no link
  std::string ca_file;                          // empty: none
  std::vector<std::string> service_hosts;       // the cloud's and those of the file
  std::map<std::string, std::string> channels;  // a group's channel of Teams
  std::string workflow_url_file;                // of workflow

  // The bot's id in conversations.
  std::string bot_id() const { return "28:" + app_id; }
};

// Nothing: the file says nothing of Teams. Strict, as policies are: errors are
// "FILE:LINE:COLUMN: what; what to do". `credentials` is $CREDENTIALS_DIRECTORY; empty: none.
Result<std::optional<Config>> parse_config(std::string_view text, const std::string& file,
                                           const std::string& credentials);

// From a file that only root, or this process's user, can write: whoever can write it says who
// is believed. Nothing if it is not there.
Result<std::optional<Config>> load_config(const std::string& file, const std::string& credentials);

}  // namespace stayd::teams
