// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/cloud.h"

#include <algorithm>

namespace stayd::teams {

const Cloud* find_cloud(std::string_view name) {
  static const Cloud kClouds[] = {
      {"public",
       "login.microsoftonline.com",
       "https://api.botframework.com/.default",
       "https://api.botframework.com",
       "https://login.botframework.com/v1/.well-known/openidconfiguration",
       {"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}},
      {"usgov",
       "login.microsoftonline.us",
       "https://api.botframework.us/.default",
       "https://api.botframework.us",
       "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
       {"smba.infra.gov.teams.microsoft.us"}},
      // Nobody has published the hosts of its conversations: the configuration names them.
      {"china",
       "login.partner.microsoftonline.cn",
       "https://api.botframework.azure.cn/.default",
       "https://api.botframework.azure.cn",
       "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
       {}},
  };
  const auto found = std::ranges::find(kClouds, name, &Cloud::name);
  return found == std::end(kClouds) ? nullptr : found;
}

}  // namespace stayd::teams
