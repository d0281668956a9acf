// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_reference.h"

#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::string_view kOfPack = "pack ";  // NAME, and then the rule as in a policy

// "LABEL", or "PACK/LABEL" of a rule about the label of a pack.
bool is_label(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return is_name(text);
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_at_or_below(std::string_view path, std::string_view place) {
  if (place == "/") return path.starts_with('/');
  return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
}

// The label's entry that the path meets; empty: none, because the file has another name there. The
// kernel side decides by inodes, which nobody can read.
std::string_view entry_met(const Label& label, std::string_view path) {
  std::string_view nearest;
  for (const Place& place : label.places)
    if (is_at_or_below(path, place.path) && place.path.size() > nearest.size())
      nearest = place.path;
  if (!nearest.empty()) return nearest;
  for (const Pattern& pattern : label.patterns)
    if (matches_path(pattern.glob, path)) return pattern.glob;
  return {};
}

std::string words_of(const Policy& policy, const PathRule& rule,
                     std::span<const std::string> paths) {
  if (!rule.label) return rule.rule.text;
  const std::string text = without_entries(rule.rule.text);
  for (const std::string& path : paths)
    if (const std::string_view entry = entry_met(what_of(policy, rule), path); !entry.empty())
      return text + " (" + std::string(entry) + ")";
  return text;
}

Access access_of(Attempt::Kind kind) {
  if (kind == Attempt::Kind::network) return Access::network;
  return kind == Attempt::Kind::exec ? Access::exec : Access::write;
}

// Of those that are compiled into one.
const Flow& flow_met(const Policy& policy, const Flow& first, Attempt::Kind kind) {
  for (const Flow& flow : policy.flows)
    if (flow.access == access_of(kind) && are_one(flow, first)) return flow;
  return first;
}

RuleReference default_of(const Policy& policy, Attempt::Kind kind) {
  const auto said = [&](Verdict verdict, const Position& at) {
    return RuleReference{policy.file, at.line,
                         default_rule_text(kind) + std::string(": ") + to_string(verdict)};
  };
  switch (kind) {
    case Attempt::Kind::network:
      return said(policy.network_default, policy.defaults_at.network);
    case Attempt::Kind::exec:
      return said(policy.exec_default, policy.defaults_at.exec);
    case Attempt::Kind::unix_socket:
      return said(policy.unix_default, policy.defaults_at.unix_sockets);
    default:
      return said(policy.files_default, policy.defaults_at.files);
  }
}

}  // namespace

RuleReference reference_by_text(std::string_view rule_text) {
  return {.file = {}, .line = 0, .text = without_entries(rule_text)};
}

RuleReference rule_reference(const Policy& policy, std::uint32_t id, Attempt::Kind kind,
                             std::span<const std::string> paths) {
  if (id == 0) return default_of(policy, kind);
  RuleReference found;
  for_each_rule(policy, [&](const Rule& rule) {
    if (rule.id == id) found = {file_of(policy, rule.source), rule.at.line, rule.text};
  });
  for (const PathRule& rule : policy.paths)
    if (rule.rule.id == id) found.text = words_of(policy, rule, paths);
  for (const Flow& flow : policy.flows) {
    if (flow.rule.id != id) continue;
    const Rule& met = flow_met(policy, flow, kind).rule;
    found = {file_of(policy, met.source), met.at.line, met.text};
  }
  return found;
}

std::string without_entries(std::string_view rule_text) {
  const std::size_t pack = rule_text.starts_with(kOfPack) ? rule_text.find(": ") : 0;
  const std::size_t name = rule_text.find(": ", pack == 0 ? 0 : pack + 2);
  const std::size_t list = rule_text.find(" (", name == rule_text.npos ? 0 : name + 2);
  const bool has_label = name != rule_text.npos && list != rule_text.npos &&
                         rule_text.ends_with(')') &&
                         is_label(rule_text.substr(name + 2, list - name - 2));
  return std::string(has_label ? rule_text.substr(0, list) : rule_text);
}

}  // namespace stayd
