// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/policy_reader.h"

namespace stayd {
namespace {

constexpr std::uint32_t kMaxNeeded = 10;
constexpr std::size_t kMaxEscalations = 8;

}  // namespace

std::optional<std::chrono::seconds> PolicyReader::read_duration(const YamlNode& node) {
  const std::optional<std::chrono::seconds> duration = parse_duration(node.text);
  if (!duration)
    fail(node.at, "bad duration " + shown(node) + "; write 90s, 30m or 2h, at most 168h");
  return duration;
}

std::optional<std::chrono::seconds> PolicyReader::read_linger(const YamlNode& node) {
  if (node.text == "0s") return std::chrono::seconds(0);
  const std::optional<std::chrono::seconds> duration = parse_duration(node.text);
  if (!duration)
    fail(node.at, "bad duration " + shown(node) +
                      "; write how long, 30m or 2h, at most 168h, or 0s to end the question with "
                      "whoever waited");
  return duration;
}

// `once` is always there, and may be named.
std::vector<Scope> PolicyReader::read_scopes(const YamlNode& node) {
  std::vector<Scope> scopes;
  for_item(&node, "scopes", [&](const YamlNode& item) {
    if (!check_text(item, "scopes")) return;
    const std::optional<Scope> scope = parse_scope(item.text);
    if (!scope)
      fail(item.at, in_quotes(item.text) +
                        " is not what an approval can let through; write once, process, workload, "
                        "directory, host or rule");
    if (scope && *scope != Scope::once) scopes.push_back(*scope);
  });
  std::ranges::sort(scopes);
  const auto twice = std::ranges::unique(scopes);
  scopes.erase(twice.begin(), twice.end());
  return scopes;
}

std::vector<std::string> PolicyReader::read_groups(const YamlNode& node, std::string_view what) {
  std::vector<std::string> groups;
  for_item(&node, what, [&](const YamlNode& item) {
    if (check_text(item, what) && !is_name(item.text))
      fail(item.at, in_quotes(item.text) + " is not the name of a group; write one of people.yaml");
    groups.push_back(item.text);
  });
  if (groups.empty())
    fail(node.at,
         in_quotes(what) + " names nobody; write a group of people.yaml, or remove the key");
  return groups;
}

void PolicyReader::read_escalation(const YamlNode& item, Approval& approval) {
  if (!check_map(item, "an entry of 'escalate'", kEscalationKeys)) return;
  const YamlNode& after = need(item, "after", "after: 10m");
  const YamlNode& to = need(item, "to", "to: [GROUP]");
  Escalation escalation{read_duration(after).value_or(std::chrono::seconds(1)),
                        read_groups(to, "to")};
  if (escalation.after >= approval.timeout)
    fail(after.at, "by then the ticket has expired; write less than the timeout");
  if (!approval.escalate.empty() && escalation.after <= approval.escalate.back().after)
    fail(after.at, "not later than the entry before; write them in order");
  if (approval.escalate.size() == kMaxEscalations)
    fail(item.at, "more than 8 escalations; ask more people at once");
  approval.escalate.push_back(std::move(escalation));
}

// `approval` holds what is said elsewhere of what these keys leave out.
Approval PolicyReader::read_approval_keys(const YamlNode& node, Approval approval) {
  approval.at = node.at;
  if (auto* groups = node.find("approvers")) approval.approvers = read_groups(*groups, "approvers");
  if (auto* timeout = node.find("timeout"))
    approval.timeout = read_duration(*timeout).value_or(approval.timeout);
  if (auto* scopes = node.find("scopes")) approval.scopes = read_scopes(*scopes);
  if (auto* linger = node.find("linger")) approval.linger = read_linger(*linger);
  if (auto* quorum = node.find("quorum")) {
    const std::optional<std::uint32_t> people = parse_count(quorum->text, kMaxNeeded);
    if (!people) fail(quorum->at, shown(*quorum) + " is not a number of people; write 1 to 10");
    approval.quorum = people.value_or(1);
  }
  if (auto* escalate = node.find("escalate")) {
    approval.escalate.clear();
    for_item(escalate, "escalate", [&](const YamlNode& item) { read_escalation(item, approval); });
  } else if (!approval.escalate.empty() && approval.escalate.back().after >= approval.timeout) {
    std::erase_if(approval.escalate,
                  [&](const Escalation& each) { return each.after >= approval.timeout; });
  }
  if (auto* unheard = node.find("when_nobody_listens")) {
    approval.wait_if_unreachable = unheard->text == "wait";
    if (!approval.wait_if_unreachable && unheard->text != "deny")
      fail(unheard->at, shown(*unheard) +
                            " is not 'deny' or 'wait'; write 'deny' unless a "
                            "question may wait for somebody to come");
  }
  return approval;
}

void PolicyReader::read_approval(const YamlNode& node) {
  if (!check_map(node, "'approval'", kApprovalKeys)) return;
  policy_.approval = read_approval_keys(node, {});
  for_item(node.find("for"), "for", [&](const YamlNode& item) {
    if (!check_map(item, "an entry of 'for'", kApprovalForKeys)) return;
    ApprovalFor entry{.rule_class = read_class(item), .at = item.at};
    if (item.find("rule") || !item.find("class"))
      entry.rule = text_of(item, "rule", "rule: customer-data");
    entry.approval = read_approval_keys(item, policy_.approval);
    policy_.approval_for.push_back(std::move(entry));
  });
}

}  // namespace stayd
