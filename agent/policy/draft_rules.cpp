// SPDX-License-Identifier: Apache-2.0
#include "policy/draft_rules.h"

#include "policy/values.h"

namespace stayd {
namespace {

std::string list(const std::vector<DraftLine>& lines, const std::string& indentation) {
  std::string text;
  for (const DraftLine& each : lines)
    text += indentation + "- " + yaml_text(each.entry) +
            (each.comment.empty() ? "" : "  # " + each.comment) + "\n";
  return text;
}

std::string files_text(const DraftRules& rules, const std::string& otherwise) {
  std::string text;
  for (const auto& [key, access] : kFileSections) {
    const auto allowed = rules.files.find(access);
    const auto held = rules.held.find(access);
    const bool allows = allowed != rules.files.end() && !allowed->second.empty();
    const bool holds = held != rules.held.end() && !held->second.empty();
    if (!allows && !holds) continue;
    text += "  " + std::string(key) + ":\n";
    if (allows) text += "    allow:\n" + list(allowed->second, "      ");
    if (holds) text += held->second;
  }
  return text.empty() ? "files: {default: " + otherwise + "}\n"
                      : "files:\n  default: " + otherwise + "\n" + text;
}

}  // namespace

std::string to_yaml(const DraftRules& rules, const DraftBase& base) {
  const std::string otherwise = base.is_open() ? "allow" : "hold";
  std::string text = "network:\n  default: hold\n";
  if (rules.says_resolvers) text += dns_line(base.resolvers());
  if (!rules.network.empty()) text += "  allow:\n" + list(rules.network, "    ");
  text += files_text(rules, otherwise);
  if (rules.exec.empty()) return text + "exec: {default: " + otherwise + "}\n";
  return text + "exec:\n  default: " + otherwise + "\n  allow:\n" + list(rules.exec, "    ");
}

}  // namespace stayd
