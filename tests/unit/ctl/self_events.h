// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace stayd::test {

// Events as self.sock gives them.
inline nlohmann::json a_denial() {
  return {
      {"event", "denied"},
      {"time", "2026-01-31T09:05:07.000Z"},
      {"operation", "exec"},
      {"object", "/usr/bin/git"},
      {"command", "git push --force"},
      {"reason", "policy"},
      {"detail", ""},
      {"by", ""},
      {"rule", {{"file", "/etc/stayd/agent.yaml"}, {"line", 12}, {"text", "exec.deny: git push*"}}},
      {"ticket", nullptr},
      {"times", 1},
      {"advice", "the policy never allows this; do it another way"},
      {"retry", "never"}};
}

inline nlohmann::json a_hold(int ticket = 7) {
  return {{"event", "held"},
          {"time", "2026-01-31T09:05:07.000Z"},
          {"operation", "connect"},
          {"object", "192.0.2.7:443/tcp"},
          {"reason", ""},
          {"rule", {{"text", "network.default: hold"}}},
          {"ticket", ticket},
          {"times", 1},
          {"until", "2026-01-31T09:35:07.000Z"},
          {"asked", {"reviewers"}},
          {"advice", "it waits for a person"},
          {"retry", "after-approval"}};
}

inline nlohmann::json an_end(const char* event, const char* reason, const char* retry,
                             int ticket = 7) {
  nlohmann::json ended = a_hold(ticket);
  ended.update({{"event", event}, {"reason", reason}, {"retry", retry}});
  ended.erase("until");
  ended.erase("asked");
  return ended;
}

}  // namespace stayd::test
