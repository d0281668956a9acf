// SPDX-License-Identifier: Apache-2.0
#include "proposals/proposal.h"

#include <algorithm>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"
#include "policy/explanation.h"
#include "policy/parser.h"
#include "proposals/proposed_rules.h"

namespace stayd {
namespace {

std::string words_of(const Allowance& allowance) {
  std::string words;
  for (const std::string& key : allowance.section) words += key + ".";
  return words + "allow: " + escape(allowance.entry, kUnbounded);
}

// Some host that the rule is about.
std::string name_of(const HostRule& rule) {
  std::string name = (rule.below ? "x." : "") + rule.name;
  std::replace(name.begin(), name.end(), '*', 'x');
  return name;
}

// Adds what only the rule tells that held the operation: the host's name, the content.
void recall(const Policy& policy, const std::string& rule, Attempt& attempt) {
  for (const HostRule& each : policy.hosts)
    if (each.rule.text == rule) attempt.destination.hosts.push_back(name_of(each));
  for (const ContentRule& each : policy.contents)
    if (each.rule.text == rule) attempt.program.sha256 = each.sha256;
}

Result<> try_out(const Ticket& ticket, const std::string& text, const std::string& file,
                 const ProposalHost& host) {
  Result<Policy> policy = parse_policy(text, file, host.packs);
  if (policy) policy = host.for_workload(*policy);
  if (!policy) return policy.error();
  if (policy->name != ticket.policy) return Error{file + " is another policy now: " + policy->name};
  PathTree tree;
  Attempt attempt = attempt_of(ticket.operation, tree);
  recall(*policy, ticket.rule, attempt);
  std::vector<std::string> touched = ticket.evidence.touched;
  std::erase_if(touched, [&](const std::string& name) {
    return std::ranges::none_of(policy->labels,
                                [&](const Label& label) { return label.name == name; });
  });
  Result<Explanation> explained = explain(*policy, attempt, tree, touched);
  if (!explained) return explained.error();
  if (explained->rule_verdict.verdict <= Verdict::audit) return {};
  return Error{"it would still be " +
               std::string(explained->rule_verdict.verdict == Verdict::hold ? "held" : "denied") +
               " by " + explained->rule + ", which no narrower rule can put aside"};
}

std::string what_of(const Operation& operation) {
  std::string what = to_string(operation.kind);
  if (operation.read) what += " for reading";
  if (operation.write) what += operation.read ? " and writing" : " for writing";
  what += " " + escape(object_text(operation));
  if (!operation.new_path.empty())
    what += (is_link(operation) ? " as a hard link to " : " to ") + escape(operation.new_path);
  return what;
}

class Comments {
 public:
  void add(const std::string& line) { text_ += line.empty() ? "#\n" : "# " + line + "\n"; }
  void add(std::string name, const std::string& value) {
    name.resize(9, ' ');
    add(name + " " + value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string evidence(const Ticket& ticket, const ProposedRules& rules, const std::string& file,
                     TimePoint now) {
  Comments out;
  out.add("Proposed by stayd from ticket " + std::to_string(ticket.id) + ", " + rfc3339(now) +
          ". Not in force: look at it,");
  out.add("compare it (stayctl policy diff THIS), and put it in the place of the policy if it is");
  out.add("right: " + escape(file));
  out.add("");
  out.add("What", what_of(ticket.operation));
  if (!ticket.operation.caller.program.empty())
    out.add("Program", escape(ticket.operation.caller.program));
  out.add("Workload", escape(ticket.workload));
  out.add("Held by", escape(ticket.rule));
  for (const Decision& each : ticket.decisions)
    out.add("Approved", "by " + escape(each.name) + " (" + escape(each.account) + ")" +
                            (each.reason.empty() ? "" : ": " + escape(each.reason)));
  const Precedent& before = ticket.evidence.precedent;
  out.add("Before", "approved " + std::to_string(before.approved) + ", denied " +
                        std::to_string(before.denied) +
                        (before.last ? ", last " + rfc3339(*before.last) : ""));
  for (const Allowance& each : rules.allow) out.add("Rule", words_of(each));
  for (const std::string& each : rules.wider) out.add("WIDER", each);
  out.add("");
  return out.take();
}

}  // namespace

Result<Proposal> propose(const Ticket& ticket, const std::string& policy_text,
                         const std::string& policy_file, const ProposalHost& host, TimePoint now) {
  if (ticket.flood) return Error{"it was about the number of tickets, not about an operation"};
  Result<ProposedRules> rules = rules_for(ticket.operation);
  if (!rules) return rules.error();
  Result<std::string> amended = with_allowed(policy_text, rules->allow, policy_file, host.packs);
  if (!amended) return amended.error();
  if (Result<> tried = try_out(ticket, *amended, policy_file, host); !tried) return tried.error();
  Proposal proposal;
  proposal.text = evidence(ticket, *rules, policy_file, now) + *amended;
  for (const Allowance& each : rules->allow)
    proposal.rules += (proposal.rules.empty() ? "" : ", ") + words_of(each);
  return {boost::system::in_place_value, std::move(proposal)};
}

}  // namespace stayd
