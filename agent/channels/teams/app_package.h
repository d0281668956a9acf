// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "channels/teams/config.h"

namespace stayd::teams {

// Makes an app package for Teams: manifest.json and two icons in a ZIP archive, to be uploaded in
// its admin center. The same config gives the same bytes; there is no secret in it. `config` is of
// a bot, or of one that only posts.
//
// `host` is shown as the home of its developer, which is whoever runs stayd.
std::string app_package(const Config& config, const std::string& host);

// Only the manifest, as JSON: version 1.25 of Microsoft's schema.
std::string app_manifest(const Config& config, const std::string& host);

}  // namespace stayd::teams
