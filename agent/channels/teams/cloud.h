// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace stayd::teams {

// One of Microsoft's clouds in which Teams runs; they know nothing of each other.
struct Cloud {
  std::string_view name;
  std::string_view login_host;  // gives us tokens
  std::string_view scope;       // that they are for
  std::string_view issuer;      // of the tokens that come to us
  std::string_view metadata;    // where that issuer's keys are: OpenID metadata
  // Hosts of conversations ("serviceUrl"): they, and no others, get our token.
  std::vector<std::string_view> service_hosts;
};

// "public", "usgov" or "china"; nullptr: neither.
const Cloud* find_cloud(std::string_view name);

}  // namespace stayd::teams
