// SPDX-License-Identifier: Apache-2.0
#include "intake/sets_off.h"

#include <algorithm>
#include <set>

namespace stayd {
namespace {

// The label of the rule that held it, and those that the kernel side found where it had to ask.
std::set<std::string> labels_of(const WorkloadFacts& workload, const Operation& operation) {
  std::set<std::string> names;
  for (const PathRule& rule : workload.policy.paths)
    if (rule.rule.id == operation.rule && rule.label)
      names.insert(workload.policy.labels[*rule.label].name);
  for (std::size_t bit = 0; bit < workload.labels.size(); ++bit)
    if (operation.node.labels >> bit & 1) names.insert(workload.labels[bit]);
  return names;
}

bool was_read(const WorkloadFacts& workload, std::uint64_t labels_read, const std::string& label) {
  for (std::size_t bit = 0; bit < workload.labels.size(); ++bit)
    if (labels_read >> bit & 1 && workload.labels[bit] == label) return true;
  return false;
}

std::string text_of(const Flow& flow, const std::string& label) {
  std::string text;
  if (flow.files > 1)
    text = "once " + std::to_string(flow.files) + " files of " + label + " were read, ";
  switch (flow.access) {
    case Access::network:
      text += "all network access is ";
      break;
    case Access::exec:
      text += "running any program is ";
      break;
    default:
      text += "writing any file is ";
  }
  text += flow.rule.verdict == Verdict::deny ? "denied" : "held";
  return flow.except_text.empty() ? text : text + ", but to " + flow.except_text;
}

}  // namespace

std::vector<std::string> set_off_by(const WorkloadFacts& workload, const Operation& operation,
                                    std::uint64_t labels_read) {
  std::vector<std::string> texts;
  if (operation.kind != OperationKind::open || !operation.read || workload.policy.flows.empty())
    return texts;
  const std::set<std::string> labels = labels_of(workload, operation);
  for (const Flow& flow : workload.policy.flows) {
    if (flow.rule.verdict < Verdict::hold) continue;
    const auto name_of = [&](std::size_t label) { return workload.policy.labels[label].name; };
    const auto is_in_force = [&](std::size_t label) {
      return flow.files <= 1 && was_read(workload, labels_read, name_of(label));
    };
    if (std::ranges::any_of(flow.labels, is_in_force)) continue;
    const auto found = std::ranges::find_if(
        flow.labels, [&](std::size_t label) { return labels.contains(name_of(label)); });
    if (found != flow.labels.end()) texts.push_back(text_of(flow, name_of(*found)));
  }
  return texts;
}

}  // namespace stayd
