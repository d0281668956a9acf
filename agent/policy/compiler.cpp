// SPDX-License-Identifier: Apache-2.0
#include "policy/compiler.h"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>

#include "base/yaml.h"
#include "policy/compile_files.h"
#include "policy/compile_network.h"
#include "policy/workload_user.h"

namespace stayd {
namespace {

constexpr std::uint8_t number(Verdict verdict) { return static_cast<std::uint8_t>(verdict); }

stayd_policy defaults(const Policy& policy) {
  stayd_policy settings{};
  for (std::uint8_t& verdict : settings.verdicts) verdict = number(policy.files_default);
  settings.verdicts[STAYD_ACCESS_EXEC] = number(policy.exec_default);
  settings.verdicts[STAYD_ACCESS_UNIX] = number(policy.unix_default);
  settings.verdicts[STAYD_ACCESS_NETWORK] = number(policy.network_default);
  for (const OriginRule& origin : policy.origins) {
    std::uint8_t& verdict = settings.origin_verdicts[origin.origin];
    if (number(origin.rule.verdict) <= verdict) continue;
    verdict = number(origin.rule.verdict);
    settings.origin_rules[origin.origin] = static_cast<std::uint16_t>(origin.rule.id);
  }
  return settings;
}

std::uint32_t flags_of(const Policy& policy, const CompiledPolicy& compiled) {
  bool sockets = !policy.abstract_sockets.empty() || policy.unix_default != Verdict::allow;
  for (const PathRule& rule : policy.paths) sockets |= rule.access == Access::unix_socket;
  const std::pair<bool, std::uint32_t> flags[] = {
      {policy.observe, STAYD_POLICY_OBSERVE},
      {policy.allow_on_agent_loss, STAYD_POLICY_ALLOW_ON_LOSS},
      {policy.report_once, STAYD_POLICY_ONCE},
      {sockets, STAYD_POLICY_UNIX},
      {!policy.flows.empty(), STAYD_POLICY_LABELS},
      {!compiled.names.empty(), STAYD_POLICY_NAMES},
      {!compiled.hosts.empty(), STAYD_POLICY_DEFER_HOSTS},
      {!policy.arguments.empty() || !policy.tools.empty() || !policy.contents.empty(),
       STAYD_POLICY_DEFER_EXEC},
      {!policy.contents.empty(), STAYD_POLICY_CONTENTS},
  };
  std::uint32_t result = 0;
  for (const auto& [set, flag] : flags) result |= set ? flag : 0;
  return result;
}

// Gives labels their bits, those of flows first: only they cannot do without.
Result<std::vector<std::uint64_t>> label_masks(const Policy& policy, const LabelBits& bit_of,
                                               std::vector<std::string>& names) {
  std::vector<std::uint64_t> masks(policy.labels.size());
  names.assign(STAYD_LABELS, "");
  const auto number_label = [&](std::size_t label) -> Result<> {
    Result<std::uint32_t> bit = bit_of(policy.labels[label].name);
    if (!bit) return bit.error();
    masks[label] = std::uint64_t{1} << *bit;
    names[*bit] = policy.labels[label].name;
    return {};
  };
  for (const Flow& flow : policy.flows)
    for (std::size_t label : flow.labels)
      if (Result<> numbered = number_label(label); !numbered)
        return error_at(file_of(policy, flow.rule.source), flow.rule.at, numbered.error().message);
  // Reading the other labels is only shown to people: too many of them is not an error.
  for (const PathRule& rule : policy.paths)
    if (rule.label && masks[*rule.label] == 0) (void)number_label(*rule.label);
  return masks;
}

// Returns the condition under which the flow is in force; its verdicts are unset.
Result<stayd_flow> condition_of(const Policy& policy, const Flow& flow,
                                const std::vector<std::uint64_t>& masks, const LabelBits& bit_of) {
  stayd_flow result{};
  for (std::size_t label : flow.labels) result.labels |= masks[label];
  if (flow.files == 0) return result;
  const std::string& label = policy.labels[flow.labels.front()].name;
  const Result<std::uint32_t> bit = bit_of(counted_label(label, flow.files));
  if (!bit) return error_at(file_of(policy, flow.rule.source), flow.rule.at, bit.error().message);
  result.counted = static_cast<std::uint32_t>(std::countr_zero(result.labels));
  result.files = flow.files;
  result.labels = std::uint64_t{1} << *bit;
  return result;
}

void add_exceptions(const Flow& flow, std::size_t number, CompiledPolicy& compiled) {
  const auto bit = static_cast<std::uint16_t>(1u << number);
  for (const Destinations& each : flow.except) compiled.exempt_addresses.push_back({bit, each});
  for (const HostRule& each : flow.except_hosts) {
    compiled.exempt_hosts.push_back({bit, each});
    compiled.hosts.push_back(each);
  }
}

// The text of the first one's rule then says all, see are_one().
std::optional<Error> compile_flows(const Policy& policy, const std::vector<std::uint64_t>& masks,
                                   const LabelBits& bit_of, CompiledPolicy& compiled) {
  stayd_policy& settings = compiled.settings;
  std::vector<const Flow*> firsts;
  for (const Flow& flow : policy.flows) {
    const auto first =
        std::ranges::find_if(firsts, [&](const Flow* each) { return are_one(*each, flow); });
    stayd_flow* into = settings.flows + (first - firsts.begin());
    if (first != firsts.end()) {
      RuleWords& words = compiled.rules[into->rule];
      words.text += "; " + flow.rule.text.substr(flow.rule.text.rfind(": ") + 2);
    } else if (settings.flow_count == STAYD_FLOWS) {
      return error_at(file_of(policy, flow.rule.source), flow.rule.at,
                      "flows after more than " + std::to_string(STAYD_FLOWS) +
                          " sets of labels or exceptions; name several labels in one");
    } else {
      add_exceptions(flow, firsts.size(), compiled);
      firsts.push_back(&flow);
      ++settings.flow_count;
      const Result<stayd_flow> condition = condition_of(policy, flow, masks, bit_of);
      if (!condition) return condition.error();
      *into = *condition;
      into->rule = flow.rule.id;
    }
    const auto make_stricter = [&](std::size_t access) {
      into->verdicts[access] = std::max(into->verdicts[access], number(flow.rule.verdict));
    };
    make_stricter(static_cast<std::size_t>(flow.access));
    if (flow.access != Access::write) continue;
    for (int access : {STAYD_ACCESS_CREATE, STAYD_ACCESS_DELETE, STAYD_ACCESS_RENAME})
      make_stricter(static_cast<std::size_t>(access));
  }
  return std::nullopt;
}

}  // namespace

std::string counted_label(const std::string& label, std::uint32_t files) {
  return label + "=" + std::to_string(files);
}

LabelBits number_labels() {
  return [known = std::make_shared<std::map<std::string, std::uint32_t>>()](
             const std::string& label) -> Result<std::uint32_t> {
    auto found = known->try_emplace(label, static_cast<std::uint32_t>(known->size())).first;
    if (found->second < STAYD_LABELS) return found->second;
    return Error{"more than " + std::to_string(STAYD_LABELS) + " labels; name fewer"};
  };
}

Result<CompiledPolicy> compile(const Policy& policy, const PathResolver& resolve,
                               const LabelBits& bit_of) {
  if (const std::optional<UserMention> mention = mention_of_user(policy))
    return error_at(file_of(policy, mention->source), mention->at,
                    in_quotes(mention->text) +
                        " needs to know the workload's user; add 'user: NAME' to " + policy.file);
  CompiledPolicy compiled;
  compiled.settings = defaults(policy);
  compiled.rules.resize(count_rules(policy) + 1);
  compiled.rules[0] = {.text = "default"};
  for_each_rule(policy, [&](const Rule& rule) { compiled.rules[rule.id] = words_of(rule); });
  compiled.arguments = policy.arguments;
  compiled.tools = policy.tools;
  compiled.contents = policy.contents;
  compiled.hosts = policy.hosts;
  compiled.resolvers = policy.resolvers;
  compiled.confirm_dns = policy.confirm_dns;

  Result<std::vector<std::uint64_t>> masks = label_masks(policy, bit_of, compiled.labels);
  if (!masks) return masks.error();
  if (auto error = compile_files(policy, *masks, resolve, compiled)) return *error;
  if (auto error = compile_flows(policy, *masks, bit_of, compiled)) return *error;
  if (auto error = compile_prefixes(policy, compiled)) return *error;
  compiled.settings.flags |= flags_of(policy, compiled);
  return compiled;
}

}  // namespace stayd
