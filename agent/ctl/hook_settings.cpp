// SPDX-License-Identifier: Apache-2.0
#include "ctl/hook_settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {
namespace {

// Keeps the members of objects in the order of the file.
using Ordered = nlohmann::ordered_json;

// Checked first by the reader with limits. Comments and duplicate members, which would be lost, are
// errors there.
Result<Ordered> read(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return ok(Ordered::object());
  if (const auto checked = parse_json(text, {.duplicate_members = false}); !checked)
    return in_context("not plain JSON", checked.error());
  Ordered settings = Ordered::parse(text);
  if (!settings.is_object()) return Error{"not a JSON object"};
  return ok(std::move(settings));
}

bool is_ours(const Ordered& hook, const HookAgent& agent) {
  if (!hook.is_object() || !hook.contains("command") || !hook["command"].is_string()) return false;
  const std::string& command = hook["command"].get_ref<const std::string&>();
  const std::string words = " hook " + std::string(agent.name);
  return command.ends_with("stayctl" + words) || command.ends_with("stayctl'" + words);
}

bool has_ours(const Ordered& groups, const HookAgent& agent) {
  return std::ranges::any_of(groups, [&](const Ordered& group) {
    if (!group.is_object() || !group.contains("hooks") || !group["hooks"].is_array()) return false;
    return std::ranges::any_of(group["hooks"],
                               [&](const Ordered& hook) { return is_ours(hook, agent); });
  });
}

}  // namespace

Result<std::optional<std::string>> with_hook(const HookAgent& agent, std::string_view before,
                                             const std::string& command) {
  Result<Ordered> settings = read(before);
  if (!settings) return settings.error();
  Ordered& hooks = settings->emplace("hooks", Ordered::object()).first.value();
  if (!hooks.is_object()) return Error{"\"hooks\" is not an object"};
  bool is_complete = true;
  for (const std::string_view event : agent.events) {
    Ordered& groups = hooks.emplace(std::string(event), Ordered::array()).first.value();
    if (!groups.is_array())
      return Error{"\"hooks\" has something else than a list at \"" + std::string(event) + "\""};
    if (has_ours(groups, agent)) continue;
    is_complete = false;
    const Ordered ours = {{"type", "command"}, {"command", command}, {"timeout", agent.timeout}};
    groups.push_back({{"hooks", Ordered::array({ours})}});
  }
  if (is_complete) return std::optional<std::string>();
  return std::optional(settings->dump(2) + "\n");
}

}  // namespace stayd
