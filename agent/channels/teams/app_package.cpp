// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/app_package.h"

#include <array>
#include <nlohmann/json.hpp>

#include "channels/teams/icons.h"
#include "channels/teams/zip_file.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

json command(const char* title, const char* description) {
  return {{"title", title}, {"description", description}};
}

json bot(const Config& config) {
  const json scopes = {"personal", "team"};
  json bot = {{"botId", config.app_id},
              {"scopes", scopes},
              {"supportsFiles", false},
              {"isNotificationOnly", config.mode != Mode::bot}};
  if (config.mode == Mode::bot)
    bot["commandLists"] = json::array(
        {{{"scopes", scopes},
          {"commands",
           json::array({command("pending", "What waits for an answer"), command("show", "show ID"),
                        command("approve", "approve ID CODE"), command("deny", "deny ID REASON"),
                        command("help", "What can be said here")})}}});
  return bot;
}

}  // namespace

std::string app_manifest(const Config& config, const std::string& host) {
  const std::string home = "https://" + host;
  const json manifest = {
      {"$schema",
       "https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json"},
      {"manifestVersion", "1.25"},
      {"version", "1.0.0"},
      {"id", config.app_id},
      {"developer",
       {{"name", host},
        {"websiteUrl", home},
        {"privacyUrl", home + "/privacy"},
        {"termsOfUseUrl", home + "/terms"}}},
      {"icons", {{"color", "color.png"}, {"outline", "outline.png"}}},
      {"name", {{"short", "stayd"}, {"full", "stayd approvals"}}},
      {"description",
       {{"short", "Asks before an AI agent's sensitive operations continue"},
        {"full",
         "Shows the operations of AI agents that are held until somebody answers, and takes the "
         "answer: approve, or deny with a reason."}}},
      {"accentColor", "#1C335C"},
      {"bots", json::array({bot(config)})},
      {"validDomains", json::array()},
      // So that whoever answers is known to be a member of the team.
      {"authorization",
       {{"permissions",
         {{"resourceSpecific",
           json::array({{{"name", "TeamMember.Read.Group"}, {"type", "Application"}}})}}}}}};
  return manifest.dump(2) + "\n";
}

std::string app_package(const Config& config, const std::string& host) {
  const std::array<ZipEntry, 3> entries = {{{"manifest.json", app_manifest(config, host)},
                                            {"color.png", std::string(color_icon())},
                                            {"outline.png", std::string(outline_icon())}}};
  return zip_file(entries);
}

}  // namespace stayd::teams
