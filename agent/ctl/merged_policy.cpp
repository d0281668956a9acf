// SPDX-License-Identifier: Apache-2.0
#include "ctl/merged_policy.h"

#include <algorithm>
#include <vector>

#include "base/escape.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = 600;

std::string shown(const std::string& text) { return escape(text, kMaxText); }

// Those of one file, in its order.
std::vector<Rule> rules_of(const Policy& policy, std::uint16_t source) {
  std::vector<Rule> rules;
  for_each_rule(policy, [&](const Rule& rule) {
    if (rule.source == source) rules.push_back(rule);
  });
  std::ranges::sort(rules, {}, &Rule::id);
  return rules;
}

// Without the name of the pack, which the heading gives.
std::string words_of(const Policy& policy, const Rule& rule) {
  if (rule.source == 0) return rule.text;
  return rule.text.substr(("pack " + policy.packs[rule.source - 1].name + ": ").size());
}

std::string heading(const UsedPack& pack) {
  return shown(pack.file) + ": pack " + pack.name + ", " +
         (pack.trusted ? "trusted: its rules count as the policy's own"
                       : "which can only make the policy stricter") +
         "\n  " + shown(pack.about) + "\n";
}

json source_json(const Policy& policy, std::uint16_t source) {
  json rules = json::array();
  for (const Rule& rule : rules_of(policy, source)) {
    rules.push_back({{"line", rule.at.line},
                     {"column", rule.at.column},
                     {"verdict", to_string(rule.verdict)},
                     {"rule", shown(words_of(policy, rule))}});
    if (rule.rule_class != RuleClass::none) rules.back()["class"] = to_string(rule.rule_class);
  }
  json shown_source = {{"file", shown(file_of(policy, source))}, {"rules", std::move(rules)}};
  if (source == 0) return shown_source;
  const UsedPack& pack = policy.packs[source - 1];
  shown_source["pack"] = pack.name;
  shown_source["trusted"] = pack.trusted;
  shown_source["about"] = shown(pack.about);
  return shown_source;
}

}  // namespace

std::string merged_text(const Policy& policy) {
  std::string text = shown(policy.file) + ": policy " + policy.name + "\n";
  for (const auto& [name, verdict] : {std::pair("network.default", policy.network_default),
                                      std::pair("network.unix", policy.unix_default),
                                      std::pair("files.default", policy.files_default),
                                      std::pair("exec.default", policy.exec_default)})
    text += "  " + std::string(name) + ": " + to_string(verdict) + "\n";
  for (std::uint16_t source = 0; source <= policy.packs.size(); ++source) {
    if (source > 0) text += heading(policy.packs[source - 1]);
    for (const Rule& rule : rules_of(policy, source))
      text +=
          "  line " + std::to_string(rule.at.line) + ": " + shown(words_of(policy, rule)) + "\n";
  }
  return text;
}

json merged_json(const Policy& policy) {
  json sources = json::array();
  for (std::uint16_t source = 0; source <= policy.packs.size(); ++source)
    sources.push_back(source_json(policy, source));
  return {{"defaults",
           {{"network", to_string(policy.network_default)},
            {"unix", to_string(policy.unix_default)},
            {"files", to_string(policy.files_default)},
            {"exec", to_string(policy.exec_default)}}},
          {"sources", std::move(sources)}};
}

}  // namespace stayd
