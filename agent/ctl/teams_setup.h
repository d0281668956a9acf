// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace stayd {

// An administrator's answers about their Teams.
struct TeamsSetup {
  std::string mode;    // bot, notify or workflow
  std::string cloud;   // public, usgov or china
  std::string tenant;  // GUIDs
  std::string app_id;
  std::string endpoint;  // of bot: "https://HOST[:PORT]/api/messages"
  bool behind_proxy = false;
  std::string directory;  // of the configuration and what belongs to it
};

// The host of an endpoint. The error says what an endpoint is.
Result<std::string> endpoint_host(const std::string& endpoint);

// stayd.yaml for it, which parse_config() takes if the answers are right.
std::string config_text(const TeamsSetup& setup);

// Returns the remaining steps. `package` is the file of the app; empty: there is none.
std::string next_steps(const TeamsSetup& setup, const std::string& package);

}  // namespace stayd
