// SPDX-License-Identifier: Apache-2.0
// What comes in from Teams: activities, and what is then made of them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "channels/teams/click_check.h"
#include "channels/teams/command.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stayd::teams;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto activity = parse_activity(bytes);
  if (!activity) return 0;
  if (activity->type.empty() || activity->conversation.empty()) std::abort();
  if (activity->conversation.find(';') != std::string::npos) std::abort();
  if (activity->text.size() > Activity::kMaxText) std::abort();

  static const Config kConfig = [] {
    Config config;
    config.cloud = find_cloud("public");
    config.tenant = "11111111-1111-4111-8111-111111111111";
    config.app_id = "22222222-2222-4222-8222-222222222222";
    config.service_hosts = {"smba.trafficmanager.net"};
    return config;
  }();
  static const stayd::VerifiedToken kToken{
      .claims = {{"serviceurl", "https://smba.trafficmanager.net/teams/"}},
      .key_id = "k",
      .endorsements = {"msteams"}};
  static const std::map<Place, PostedCard> kCards{{"user/x",
                                                   {.conversation = "a:alice",
                                                    .service_url = {},
                                                    .activity = {},
                                                    .nonce = "AAAAAAAAAAAAAAAAAAAAAA",
                                                    .digest = std::string(64, 'd'),
                                                    .shown = {}}}};
  if (!check_origin(*activity, kToken, kConfig) && activity->recipient != kConfig.bot_id())
    std::abort();
  if (activity->click) {
    const CheckedClick admitted = check_click(*activity, kCards, kConfig);
    if (admitted && activity->click->nonce != "AAAAAAAAAAAAAAAAAAAAAA") std::abort();
    if (admitted && activity->conversation != "a:alice") std::abort();
  }
  const Command command = parse_command(*activity);
  if (command.kind == Command::Kind::approve && command.hash.size() < kShortestHash) std::abort();
  return 0;
}
